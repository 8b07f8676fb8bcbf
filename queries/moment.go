package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daylight/warehouse"
)

// maxEditionsNamed bounds how many editions a note names one by one.
const maxEditionsNamed = 4

// Unsure are the editions that an answer as of a day leaves out although they may have been
// published by then: nobody said when they were. The zero value has none.
type Unsure struct {
	day      string
	editions map[string][]string // by provider, in the order of editions
}

// LeftOut returns the editions that are left out of an answer as of the day, YYYY-MM-DD,
// without certainty that they must be.
func LeftOut(ctx context.Context, db *warehouse.DB, day string) (Unsure, error) {
	u := Unsure{day: day, editions: map[string][]string{}}
	rows, err := db.QueryOwn(ctx, "SELECT u.provider, u.name FROM unsure_at($day) u JOIN edition e ON e.name = u.name ORDER BY e.seq", sql.Named("day", day))
	if err != nil {
		return u, fmt.Errorf("editions of unknown date: %w", err)
	}
	for rows.Next() {
		v := rows.Values()
		provider, _ := v[0].(string)
		name, _ := v[1].(string)
		u.editions[provider] = append(u.editions[provider], name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return u, fmt.Errorf("editions of unknown date: %w", err)
	}
	return u, nil
}

// Note says in a sentence which editions of the provider are left out, of all providers when
// it is empty; "" when none is.
func (u Unsure) Note(provider string) string {
	var names []string
	if provider != "" {
		names = u.editions[provider]
	} else {
		for _, list := range u.editions {
			names = append(names, list...)
		}
		slices.Sort(names)
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return fmt.Sprintf("left out of %s, because it is not known that it was published by then: %s", u.day, names[0])
	case n <= maxEditionsNamed:
		return fmt.Sprintf("left out of %s, because it is not known that they were published by then: %s", u.day, strings.Join(names, ", "))
	default:
		// The newest ones are those that matter for what the day knew last.
		return fmt.Sprintf("left out of %s, because it is not known that they were published by then: %d editions, the newest are %s",
			u.day, n, strings.Join(names[n-maxEditionsNamed:], ", "))
	}
}
