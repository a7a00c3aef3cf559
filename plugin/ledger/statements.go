package ledger

import (
	"context"
	"database/sql"
	"sync"
)

// statements are the queries that are asked outside transactions, each prepared
// once: SQLite takes longer to read the text of a query than to answer it. There
// are few texts. pgx does so by itself, so for PostgreSQL it is nil.
type statements struct {
	db  *sql.DB
	mu  sync.Mutex
	all map[string]*sql.Stmt
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, all: make(map[string]*sql.Stmt)}
}

func (s *statements) of(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.all[query]; known != nil {
		return known, nil
	}
	made, err := s.db.PrepareContext(ctx, query)
	if err == nil {
		s.all[query] = made
	}
	return made, err
}

// query runs a query outside a transaction.
func (l *Ledger) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if l.reads == nil {
		return l.db.QueryContext(ctx, query, args...)
	}
	s, err := l.reads.of(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
