// Package web serves dosegate's page. So far it answers /healthz, by which a
// container or a monitor sees that serve is alive.
package web
