// Package rdsr recognises Radiation Dose Structured Reports: which template a
// report follows, which kind of device and which station it comes from, and
// how many irradiation events it tells of. What is no dose report is told
// apart with a reason; what claims to be one and cannot be read whole is an
// error, never a report with less in it.
package rdsr
