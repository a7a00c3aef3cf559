// Package plugin is the map of Dosegate; it holds no code.
//
//	Orthanc ──changes──▶ follow ─▶ recognise ─▶ decide ─┬─ ignore: counted, nothing else
//	  ▲   ▲                                             ├─ hold ───▶ ledger (held) ─▶ accepted when deciding again says so
//	  │   │                                             │                         └▶ expired: deleted in Orthanc
//	  │   └── the report stays in Orthanc's storage     └─ accept ─▶ ledger (accepted; a delivery per registry: queued)
//	  │                                                                    │
//	  └──── fetched again ◀── deliver: decide again ◀──────────────────────┘
//	                             │ de-identify ─▶ look for leaks ─▶ send ─▶ receipt ─▶ ledger (delivered | rejected)
//
// A report's way through the packages:
//
//	cmd/dosegate  the commands: configuration to constructors, run, stop
//	config        every key, where its value comes from, and what is wrong with it
//	orthanc       the REST API of a source: feed, instances, marks
//	pipeline      the three loops, deciding and deleting
//	dataset       encoded DICOM: walked and rewritten in place
//	sr            the content tree over it
//	rdsr          is it a dose report, and of which device
//	identity      what names the patient, and finding it again in texts
//	filter        the verdict; stations.yaml
//	deid          PS3.15 Annex E, and the last look for leaks
//	registry      where reports go: STOW-RS, SFTP, a folder, through Orthanc a DICOM node or a peer
//	ledger        what became of every report
//	web           the local page
//	rhythm        how regularly a station's reports come
//	survey        how everything is, for the two that follow
//	metrics       for Prometheus
//	notify        mails and messages about what needs somebody
//	doorbell      a hint from inside Orthanc that there is something to look at
//	native        the optional plugin inside Orthanc, which rings it
//	orthanctest   a real Orthanc, for tests
//	postgrestest  a real PostgreSQL, for tests
//	smtptest      a real mail server, for tests
//	surveytest    a ledger with invented reports, for tests
//	processtest   programs beside a test that do not outlive it
//	dicomtest     an independent reader, for tests
//	chaos         nothing but a test: everything is killed at random
//
// Which package may import which is a table in layers_test.go.
package plugin
