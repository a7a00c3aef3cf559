package config

// Sender is a way that reports come by. Its keys are patterns with * and ?, compared
// without case, and all that are given must match what Orthanc noted.
type Sender struct {
	// Name is what the ledger shows, and what a route asks for.
	Name string `koanf:"name"`

	// AET is the AE title of who sends.
	AET string `koanf:"aet"`

	// Called is the AE title that it calls Orthanc by: give an RDIM one of its own,
	// and its reports are told from a scanner's.
	Called string `koanf:"called"`

	// Origin is how Orthanc got it: DicomProtocol, RestApi, WebDav, Plugins or Lua.
	Origin string `koanf:"origin"`

	// Source is the name of the source that it lies in.
	Source string `koanf:"source"`
}

func (k *checker) sender(s Sender) {
	at := "senders." + s.Name + "."
	if s.AET == "" && s.Called == "" && s.Origin == "" && s.Source == "" {
		k.wrong(at+"aet", "must be given, or one of called, origin and source: it would match every report")
	}
	k.pattern(at+"aet", s.AET)
	k.pattern(at+"called", s.Called)
	if s.Origin != "" {
		k.oneOf(at+"origin", s.Origin, "DicomProtocol", "RestApi", "WebDav", "Plugins", "Lua")
	}
	if s.Source != "" {
		k.oneOf(at+"source", s.Source, k.sourceNames()...)
	}
}

func (k *checker) sourceNames() []string {
	var names []string
	for _, s := range k.c.Orthanc {
		names = append(names, s.Name)
	}
	return names
}
