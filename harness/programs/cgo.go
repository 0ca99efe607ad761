// Beside files.go, this makes the program link against libc dynamically.
package main

import "C"
