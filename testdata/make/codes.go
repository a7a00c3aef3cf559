package main

// concept is a coded entry: code value, coding scheme designator, code meaning.
type concept struct{ value, scheme, meaning string }

func dcm(value, meaning string) concept { return concept{value, "DCM", meaning} }
func sct(value, meaning string) concept { return concept{value, "SCT", meaning} }

// unit is a UCUM unit whose meaning is its own code.
func unit(code string) concept { return concept{code, "UCUM", code} }

// Units. The degree sign of one of them is why nearly every report has a byte above 127 in it.
var (
	mGy     = unit("mGy")
	mGyCm   = unit("mGy.cm")
	gy      = unit("Gy")
	gyM2    = unit("Gy.m2")
	second  = unit("s")
	ms      = unit("ms")
	mm      = unit("mm")
	kV      = unit("kV")
	mA      = unit("mA")
	uAs     = unit("uA.s")
	mBq     = unit("MBq")
	noUnits = concept{"1", "UCUM", "no units"}
	events  = concept{"{events}", "UCUM", "events"}
	ratio   = concept{"{ratio}", "UCUM", "ratio"}
	sources = concept{"{X-Ray sources}", "UCUM", "X-Ray sources"}
	perSec  = concept{"{pulse}/s", "UCUM", "pulse/s"}
	years   = concept{"a", "UCUM", "year"}
)

// Root concepts and their modifiers: PS3.16 TID 10001, 10011, 10021, 10040.
var (
	doseReport        = dcm("113701", "X-Ray Radiation Dose Report")
	radiopharmReport  = dcm("113500", "Radiopharmaceutical Radiation Dose Report")
	procedureReported = dcm("121058", "Procedure reported")
	projection        = dcm("113704", "Projection X-Ray")
	mammography       = sct("71651007", "Mammography")
	mammographySRT    = concept{"P5-40010", "SRT", "Mammography"}
	tomography        = sct("77477000", "Computed Tomography X-Ray")
	tomographySRT     = concept{"P5-08000", "SRT", "Computed Tomography X-Ray"}
	hasIntent         = sct("363703001", "Has Intent")
	diagnostic        = sct("261004008", "Diagnostic Intent")
	deviceType        = dcm("122142", "Acquisition Device Type")
	fluoroSystem      = dcm("113957", "Fluoroscopy-Guided Projection Radiography System")
	cassetteSystem    = dcm("113959", "Cassette-based Projection Radiography System")
	scope             = dcm("113705", "Scope of Accumulation")
	scopeStudy        = dcm("113014", "Study")
	studyUID          = dcm("110180", "Study Instance UID")
	stepUID           = dcm("121126", "Performed Procedure Step SOP Instance UID")
	doseSource        = dcm("113854", "Source of Dose Information")
	automated         = dcm("113856", "Automated Data Collection")
	comment           = dcm("121106", "Comment")
	irradiationUID    = dcm("113769", "Irradiation Event UID")
	protocol          = dcm("125203", "Acquisition Protocol")
	targetRegion      = dcm("123014", "Target Region")
)

// Observers, subject and procedure: PS3.16 TID 1001 to 1021.
var (
	observerType    = dcm("121005", "Observer Type")
	person          = dcm("121006", "Person")
	device          = dcm("121007", "Device")
	observerName    = dcm("121008", "Person Observer Name")
	observerOrg     = dcm("121009", "Person Observer's Organization Name")
	observerRole    = dcm("121010", "Person Observer's Role in the Organization")
	observerLogin   = dcm("128774", "Person Observer's Login Name")
	deviceUID       = dcm("121012", "Device Observer UID")
	deviceName      = dcm("121013", "Device Observer Name")
	deviceMaker     = dcm("121014", "Device Observer Manufacturer")
	deviceModel     = dcm("121015", "Device Observer Model Name")
	deviceSerial    = dcm("121016", "Device Observer Serial Number")
	deviceLocation  = dcm("121017", "Device Observer Physical Location During Observation")
	procedureStudy  = dcm("121018", "Procedure Study Instance UID")
	placerNumber    = dcm("121020", "Placer Number")
	fillerNumber    = dcm("121021", "Filler Number")
	accession       = dcm("121022", "Accession Number")
	subjectName     = dcm("121029", "Subject Name")
	subjectID       = dcm("121030", "Subject ID")
	subjectBirth    = dcm("121031", "Subject Birth Date")
	subjectAge      = dcm("121033", "Subject Age")
	physician       = dcm("121114", "Performing Physician")
	personName      = dcm("113870", "Person Name")
	personID        = dcm("113871", "Person ID")
	personIssuer    = dcm("113872", "Person ID Issuer")
	organization    = dcm("113873", "Organization Name")
	personRole      = dcm("113875", "Person Role in Procedure")
	administering   = dcm("113851", "Irradiation Administering")
	deviceRole      = dcm("113876", "Device Role in Procedure")
	irradiating     = dcm("113859", "Irradiating Device")
	participantName = dcm("113877", "Device Name")
	participantSN   = dcm("113880", "Device Serial Number")
)

// privateCode is what a vendor invents where the standard has a code, or has none.
func privateCode(value, meaning string) concept { return concept{value, "99MADEUP", meaning} }
