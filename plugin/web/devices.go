package web

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
)

// Device is what reports said of what made them.
type Device struct {
	DeviceObserverName string     `json:"device_observer_name"`
	Manufacturer       string     `json:"manufacturer"`
	Model              string     `json:"model"`
	SerialNumber       string     `json:"serial_number"`
	SenderAET          string     `json:"sender_aet"`
	Source             string     `json:"source"`
	Kind               string     `json:"kind"`
	LastReceivedAt     *time.Time `json:"last_received_at"`
}

// devicesLooked is how many of a station's last reports are looked at for the
// devices behind its name.
const devicesLooked = 20

// deviceCache keeps the devices of each station until another report comes.
type deviceCache struct {
	mu    sync.Mutex
	known map[string]stationDevices
}

type stationDevices struct {
	asOf    time.Time
	devices []Device
}

func newDeviceCache() *deviceCache { return &deviceCache{known: map[string]stationDevices{}} }

// of gives the devices behind a station's name, the last heard first.
func (c *deviceCache) of(ctx context.Context, l *ledger.Ledger, s ledger.Station) ([]Device, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[s.Name]; ok && known.asOf.Equal(s.LastReceived) {
		return known.devices, nil
	}
	reports, err := l.Recent(ctx, s.Name, devicesLooked)
	if err != nil {
		return nil, err
	}
	devices := []Device{}
	for _, r := range reports {
		var in filter.Input
		if json.Unmarshal(r.Input, &in) != nil {
			continue // one that cannot be read any more says nothing
		}
		d := Device{in.DeviceObserverName, in.Manufacturer, in.Model, in.SerialNumber, in.SenderAET, in.Source, in.Kind, when(r.ReceivedAt)}
		if !slices.ContainsFunc(devices, d.same) {
			devices = append(devices, d)
		}
	}
	c.known[s.Name] = stationDevices{s.LastReceived, devices}
	return devices, nil
}

func (d Device) same(o Device) bool {
	d.LastReceivedAt, o.LastReceivedAt = nil, nil
	return d == o
}

// distinct are the different texts that the devices have somewhere, without the
// empty one.
func distinct(devices []Device, text func(Device) string) []string {
	all := []string{}
	for _, d := range devices {
		if t := text(d); t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}
