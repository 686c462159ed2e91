package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// target is a line of targets.txt, which says what the fields mean.
type target struct {
	what              string
	services, streams int // 0 is any
	proto             string
	figure, relation  string
	limit             float64
	of                string
}

func parseTargets(r io.Reader) (out []target, err error) {
	s := bufio.NewScanner(r)
	for line := 1; s.Scan(); line++ {
		text, _, _ := strings.Cut(s.Text(), "#")
		f := strings.Fields(text)
		if len(f) == 0 {
			continue
		}
		if len(f) != 8 {
			return nil, fmt.Errorf("line %d: %d fields, not 8", line, len(f))
		}
		t := target{what: f[0], proto: f[3], figure: f[4], relation: f[5], of: f[7]}
		var wrong error
		number := func(s string) int {
			if s == "*" {
				return 0
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				wrong = err
			}
			return n
		}
		t.services, t.streams = number(f[1]), number(f[2])
		if t.limit, err = strconv.ParseFloat(f[6], 64); err != nil {
			wrong = err
		}
		if !slices.Contains([]string{"<", "<=", ">="}, t.relation) || !slices.Contains([]string{"floor", "best", "best+", "-"}, t.of) {
			wrong = fmt.Errorf("relation %q of %q", t.relation, t.of)
		}
		if wrong != nil {
			return nil, fmt.Errorf("line %d: %w", line, wrong)
		}
		out = append(out, t)
	}
	return out, s.Err()
}

// verdict is a target held against one cell or scenario.
type verdict struct {
	target
	at    what
	value spread
	own   spread // the figure itself, where value is a ratio
	met   bool
}

// judge holds every target against all that it speaks of. What was not measured is left out.
func (a *results) judge(targets []target) (out []verdict) {
	for _, t := range targets {
		name := t.what
		if name == "growth" {
			name = cellName
		}
		for _, w := range a.sorted() {
			if w.scenario != name || w.label != ownLabel || t.proto != "*" && t.proto != w.proto ||
				t.services != 0 && t.services != w.services || t.streams != 0 && t.streams != w.streams {
				continue
			}
			own := a.series(w, t.figure)
			value := own
			switch {
			case t.what == "growth":
				small := w
				small.services = 100
				value = over(own, a.series(small, t.figure), ratio)
			case t.of == "floor":
				floor := w
				floor.label = floorLabel
				value = over(own, a.series(floor, t.figure), ratio)
			case t.of == "best":
				value = over(own, a.best(w, t.figure), ratio)
			case t.of == "best+":
				value = over(own, a.best(w, t.figure), difference)
			}
			v := verdict{target: t, at: w, value: spreadOf(value), own: spreadOf(own)}
			if v.value.n == 0 {
				continue
			}
			v.met = t.holds(v.value.median)
			out = append(out, v)
		}
	}
	return out
}

func (t target) holds(v float64) bool {
	switch t.relation {
	case "<":
		return v < t.limit
	case "<=":
		return v <= t.limit
	default:
		return v >= t.limit
	}
}
