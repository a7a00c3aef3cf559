package postgrestest

import (
	"fmt"
	"os/user"
	"strconv"

	"github.com/dosegate/dosegate/plugin/processtest"
)

// otherUser is who runs PostgreSQL where root runs the tests: the one that its
// package made, or else nobody.
func otherUser() (*processtest.User, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("find a user for PostgreSQL, which refuses root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("find a user for PostgreSQL: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("find a user for PostgreSQL: %w", err)
	}
	return &processtest.User{UID: uint32(uid), GID: uint32(gid)}, nil
}
