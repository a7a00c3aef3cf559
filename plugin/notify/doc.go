// Package notify tells people what needs them, by mail and to a webhook, before
// anything is lost.
//
// What needs somebody is a list of conditions, a pure function of how everything is:
// of a survey, and of the clock. What was told of them already is in the ledger, for
// each channel by itself; the difference is what is new and what is over. So each is
// told once and grouped with the others, over a restart and a change of the leader
// too, and a channel that is down holds up neither dosegate nor another channel.
//
// A message has numbers, names of the configuration and Station Names. Those come
// from outside, so none is in a mail's header; there are neither patients nor Orthanc
// IDs in it.
package notify
