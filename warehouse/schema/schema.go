// Package schema holds the migrations of the warehouse: forward only, one SQL file each,
// numbered from 0001 without a gap. It stands apart from package warehouse so that a
// reviewer of data finds the shape of the data in one folder without Go in it.
//
// A file that was published once is never edited: the warehouse keeps its hash and
// refuses a program in which it differs.
package schema

import "embed"

// Files holds the migrations, NNNN_name.sql.
//
//go:embed *.sql
var Files embed.FS
