package deid

// LastLook is the last look, for tests from outside.
var LastLook = lastLook
