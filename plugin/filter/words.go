package filter

// ReasonWords say a reason code for a person.
func ReasonWords(code string) string {
	words := map[string]string{
		StationNotConfigured: "Station not configured", NoStationName: "No Station Name",
		TemplateNotCollected: "Template not collected", Excluded: "Left out by a rule",
		StationLeftOut: "Station left out", AmbiguousStation: "Two entries match", Paused: "Station paused",
		Leak: "An identifier was found", Unreadable: "Cannot be read", Changed: "Came again with other content",
		Configured: "Station configured",
	}[code]
	if words == "" {
		return code
	}
	return words
}

// OnPurpose reports whether a hold is one that somebody wanted: nobody has to decide.
func OnPurpose(code string) bool { return code == StationLeftOut || code == Excluded || code == Paused }
