//go:build race

package audit_test

func init() { slow = 8 }
