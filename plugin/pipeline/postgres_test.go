package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dosegate/dosegate/plugin/postgrestest"
)

// onPostgres has the worlds of a test keep their ledgers in PostgreSQL.
const onPostgres = "DOSEGATE_TEST_ON_POSTGRES"

// address is where the ledger of the world's folder is.
func (w *world) address() string {
	if os.Getenv(onPostgres) == "" {
		return filepath.Join(w.dir, "dosegate.db")
	}
	if w.databases == nil {
		w.databases = make(map[string]string)
	}
	if w.databases[w.dir] == "" {
		w.databases[w.dir] = postgrestest.Database(w.t)
	}
	return w.databases[w.dir]
}

// TestTheMainWaysOnPostgreSQL goes them again with the other ledger. What it does
// differently its own tests look at; here it has to do the same.
func TestTheMainWaysOnPostgreSQL(t *testing.T) {
	t.Setenv(onPostgres, "1")
	for name, test := range map[string]func(*testing.T){
		"route":           TestAReportGoesFromAScannerToTheRegistry,
		"again":           TestTheSameReportSentAgainIsDeliveredOnce,
		"release":         TestAnUnconfiguredStationIsHeldUntilItIsConfigured,
		"expiry":          TestAnUnconfiguredStationIsHeldThenExpires,
		"changed":         TestAReleasedChangedReportIsSentAsItIsNow,
		"cleared":         TestADeliveredReportIsClearedFromAGatewayAndStaysDelivered,
		"killed":          TestAKillBetweenAnyTwoStepsLosesAndDoublesNothing,
		"killed deleting": TestAKillAroundADeletionIsRecordedAsExpired,
		"empty volume":    TestAnOrthancWithAnEmptyVolumeWithdrawsNothing,
		"emptied feed":    TestAFeedThatWasEmptiedLosesNoReport,
		"lost ledger":     TestALostLedgerEndsInTheSameDeliveries,
	} {
		t.Run(name, test)
	}
}
