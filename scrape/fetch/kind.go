package fetch

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/url"
	"path"
	"strings"
)

// kindOf says which format a file name or an address promises; "" when none.
func kindOf(name string, u *url.URL) string {
	for _, p := range []string{name, u.Path} {
		switch ext := strings.ToLower(path.Ext(p)); ext {
		case ".csv", ".xlsx", ".zip", ".json", ".pdf", ".html":
			return ext[1:]
		case ".htm":
			return "html"
		}
	}
	return ""
}

// checkKind refuses a body that plainly is not what its name promises. Formats with a
// signature are judged by it alone; text by not being a page or an archive. Whether a
// CSV is the right one is for Parse to say.
func checkKind(want, mediaType string, s *spool) error {
	if want == "" {
		return nil
	}
	head, err := s.head(512)
	if err != nil {
		return err
	}
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	text = bytes.ToLower(bytes.TrimLeft(text, " \t\r\n"))
	declared, _, _ := mime.ParseMediaType(mediaType)
	page := declared == "text/html" || declared == "application/xhtml+xml"
	for _, p := range []string{"<!doctype", "<html", "<head", "<body", "<?xml", "<error", "<script", "<!--"} {
		page = page || bytes.HasPrefix(text, []byte(p))
	}
	var ok bool
	switch want {
	case "xlsx", "zip":
		// An archive without members begins with its end.
		ok = bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
	case "pdf":
		ok = bytes.HasPrefix(head, []byte("%PDF-"))
	case "html":
		ok = !bytes.HasPrefix(head, []byte("PK\x03\x04")) && !bytes.HasPrefix(head, []byte("%PDF-"))
	default:
		ok = !page && !bytes.HasPrefix(head, []byte("PK\x03\x04")) && !bytes.HasPrefix(head, []byte("%PDF-"))
	}
	if ok {
		return nil
	}
	return &KindError{Want: want, MediaType: mediaType, Begins: string(head[:min(len(head), 60)])}
}

// head returns the first n bytes of the content, or all when there are fewer.
func (s *spool) head(n int64) ([]byte, error) {
	r, err := s.content()
	if err != nil {
		return nil, fmt.Errorf("read the body again: %w", err)
	}
	return io.ReadAll(io.LimitReader(r, n))
}
