// A host for aarch64's registers: makes system calls by Go's own Syscall6 with a value of its own in
// every register that is to come back, and prints which did not. The calls are such that a hand
// inside them has to look closer: they make descriptors.
package main

import (
	"fmt"
	"syscall"
)

// The first register or vector that changed (100 + n, if the vector), or 0.
func changed(number, word uintptr) int

func main() {
	fd, _ := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	for _, number := range []uintptr{syscall.SYS_DUP, syscall.SYS_LISTEN, syscall.SYS_GETPID, syscall.SYS_READ} {
		for i := 0; i < 1000; i++ {
			if register := changed(number, uintptr(fd)); register != 0 {
				fmt.Println("call", number, "changed", register)
				return
			}
		}
	}
	fmt.Println("done")
}
