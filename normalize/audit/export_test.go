package audit

import "daylight/normalize"

// Begins names the half-years with which the tables of a provider begin, by table.
func Begins(provider string) map[string]string {
	t, err := declared()
	if err != nil {
		panic(err)
	}
	out := map[string]string{}
	for _, r := range t.relations {
		if r.provider == provider && r.check == CheckContinuity && !r.from.IsZero() {
			out[r.table] = normalize.NewPeriod(r.from, r.from.AddDate(0, 6, -1)).Label()
		}
	}
	return out
}
