// Where cgo is on, C is part of the program, and its threads are the C library's.
package main

import "C"
