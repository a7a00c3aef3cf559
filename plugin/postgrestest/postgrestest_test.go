package postgrestest_test

import (
	"os"
	"testing"

	"github.com/dosegate/dosegate/plugin/postgrestest"
	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

func TestADatabaseOutlivesAKillAndGoesWithItsTest(t *testing.T) {
	s := postgrestest.Start(t)
	url := s.Database(t)
	exec := func(statement string) error {
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		defer c.Close(t.Context())
		_, err = c.Exec(t.Context(), statement)
		return err
	}
	if err := exec("CREATE TABLE kept (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	if err := exec("SELECT 1"); err == nil {
		t.Error("a killed server answers")
	}
	s.Restart(t)
	if err := exec("SELECT n FROM kept"); err != nil {
		t.Error(err)
	}
}

func TestEveryDatabaseIsItsOwn(t *testing.T) {
	if one, other := postgrestest.Database(t), postgrestest.Database(t); one == other {
		t.Errorf("both are %s", one)
	}
}
