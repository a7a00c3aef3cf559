package pipeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A line of the log about one report names it by its id in the ledger, by which an
// operator finds the rest: at. It is read from the sources, since many of the lines
// are of troubles that no test makes.
func TestEveryLineOfTheLogAboutAReportHasItsID(t *testing.T) {
	about := regexp.MustCompile(`\b(report|copy)\b`)
	unknown := []string{
		"a second copy with another content came of a report that is not in the ledger yet",
		"the registry refuses every report", "the registry refused every report", // none in particular
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	with := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ofReports := withReport(file)
		ast.Inspect(file, func(n ast.Node) bool {
			call, message := logged(n)
			isUnknown := slices.ContainsFunc(unknown, func(text string) bool { return strings.HasPrefix(message, text) })
			switch {
			case call == nil || isUnknown:
			case slices.ContainsFunc(call.Args, isAt):
				with++
			case about.MatchString(message), slices.ContainsFunc(ofReports, func(fn ast.Node) bool { return fn.Pos() < call.Pos() && call.End() < fn.End() }):
				t.Errorf("%s: %q names no report", set.Position(call.Pos()), message)
			}
			return true
		})
	}
	if with < 10 {
		t.Errorf("only %d lines name a report", with)
	}
}

// withReport are the functions that are given a report.
func withReport(file *ast.File) (all []ast.Node) {
	ast.Inspect(file, func(n ast.Node) bool {
		fn, ok := n.(*ast.FuncType)
		if !ok || fn.Params == nil {
			return true
		}
		for _, p := range fn.Params.List {
			if of, ok := p.Type.(*ast.SelectorExpr); ok && slices.Contains([]string{"Report", "Work", "Deletion", "Seen"}, of.Sel.Name) {
				all = append(all, bodyOf(file, fn))
			}
		}
		return true
	})
	return slices.DeleteFunc(all, func(n ast.Node) bool { return n == nil })
}

// bodyOf is the body of the function of a type, nil where there is none.
func bodyOf(file *ast.File, of *ast.FuncType) (body ast.Node) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch fn := n.(type) {
		case *ast.FuncDecl:
			if fn.Type == of && fn.Body != nil {
				body = fn.Body
			}
		case *ast.FuncLit:
			if fn.Type == of {
				body = fn.Body
			}
		}
		return true
	})
	return body
}

// logged is a call of a log, with the text that it begins with.
func logged(n ast.Node) (*ast.CallExpr, string) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, method.Sel.Name) {
		return nil, ""
	}
	first := call.Args[0]
	for {
		sum, ok := first.(*ast.BinaryExpr)
		if !ok {
			break
		}
		first = sum.X
	}
	text, ok := first.(*ast.BasicLit)
	if !ok {
		return call, ""
	}
	return call, strings.Trim(text.Value, "\"`")
}

// isAt says whether an argument is the report's id.
func isAt(arg ast.Expr) bool {
	call, ok := arg.(*ast.CallExpr)
	if !ok {
		return false
	}
	name, ok := call.Fun.(*ast.Ident)
	return ok && name.Name == "at"
}
