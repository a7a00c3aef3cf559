package pipeline

// BesideServe makes the gate one of a command that works beside a running
// serve. The deletion that it has under way is then noted apart from serve's:
// neither takes the other's for its own after a stop.
func (g *Gate) BesideServe(command string) { g.deletionOwner = " by " + command }
