//go:build decoy

// The bytes by which the place is found, once more, as data: they are in the file but never executed.
package main

import "os"

var signature = "\x49\x89\xf2\x48\x89\xfa\x48\x89\xce\x48\x89\xdf\x0f\x05\x48\x3d\x01\xf0\xff\xff"

func init() { os.Setenv("DECOY", signature[:2]) }
