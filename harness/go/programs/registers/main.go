// A host for registers: makes system calls at the very instruction by which all of Go's input and
// output goes, with a value of its own in every register, and prints what came back changed. It
// knows its own code by the bytes before that instruction, patched or not, and no HTTP beyond what
// makes a connection followed and due.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

const below = 1024 // bytes under the stack pointer that are watched

// In the order of regs_amd64.s.
type registers struct {
	general [15]uint64 // rax rbx rcx rdx rsi rdi rbp r8 r9 r10 r11 r12 r13 r14 r15
	vectors [16][2]uint64
}

var names = [15]string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11",
	"r12", "r13", "r14", "r15"}

// What the instruction itself changes, and what Go's own code behind it does.
var free = map[string]bool{"rax": true, "rcx": true, "r11": true, "rbx": true}

func callAt(place uintptr, in, out *registers, stack *[below]byte)

var before = []byte{0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf}

// Where the instruction stands, or the jump that took its place.
func site() uintptr {
	maps, _ := os.ReadFile("/proc/self/maps")
	own, _ := os.Readlink("/proc/self/exe")
	for _, line := range strings.Split(string(maps), "\n") {
		var start, end uintptr
		var access string
		fmt.Sscanf(line, "%x-%x %s", &start, &end, &access)
		if access != "r-xp" || !strings.HasSuffix(line, own) {
			continue
		}
		code := unsafe.Slice((*byte)(unsafe.Pointer(start)), end-start)
		if at := bytes.Index(code, before); at >= 0 {
			return start + uintptr(at+len(before))
		}
	}
	panic("no site")
}

func distinct() *registers {
	in := new(registers)
	for i := range in.general {
		in.general[i] = 0x1122334455660000 + uint64(i)*0x0101
	}
	for i := range in.vectors {
		in.vectors[i] = [2]uint64{0xa0a0a0a0a0a00000 + uint64(i), 0xb1b1b1b1b1b10000 + uint64(i)}
	}
	return in
}

// Prints each register that has changed, and returns the kernel's answer.
func call(what string, number uintptr, words ...uintptr) int {
	in, out, stack := distinct(), new(registers), new([below]byte)
	in.general[0] = uint64(number)
	places := [6]int{5, 4, 3, 9, 7, 8} // rdi rsi rdx r10 r8 r9
	for i, word := range words {
		in.general[places[i]] = uint64(word)
	}
	for i := range stack {
		stack[i] = byte(i*7 + 3)
	}
	callAt(site(), in, out, stack)
	for i, name := range names {
		if !free[name] && in.general[i] != out.general[i] {
			fmt.Printf("%s: %s %x became %x\n", what, name, in.general[i], out.general[i])
		}
	}
	for i := range in.vectors {
		if in.vectors[i] != out.vectors[i] {
			fmt.Printf("%s: xmm%d %x became %x\n", what, i, in.vectors[i], out.vectors[i])
		}
	}
	for i, value := range stack {
		if value != byte(i*7+3) {
			fmt.Printf("%s: the stack was written on, %d bytes below its pointer\n", what, below-i)
			break
		}
	}
	if out.general[0] == ^uint64(0) { // as Go's own code behind the instruction says it
		return -int(out.general[2])
	}
	return int(out.general[0])
}

func address(bytes []byte) uintptr { return uintptr(unsafe.Pointer(&bytes[0])) }

func number(connection net.Conn) uintptr {
	raw, _ := connection.(*net.TCPConn).SyscallConn()
	var fd uintptr
	raw.Control(func(n uintptr) { fd = n })
	return fd
}

// One exchange by calls at the site, and one that is due: read, answer, and read behind the end.
func serve(connection net.Conn) {
	fd := number(connection)
	room := make([]byte, 4096)
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")
	for exchange := 1; exchange <= 2; exchange++ {
		got := -int(syscall.EAGAIN)
		for got == -int(syscall.EAGAIN) {
			got = call("read", syscall.SYS_READ, fd, address(room), 4096)
			runtime.Gosched()
		}
		parts := []syscall.Iovec{{Base: &answer[0], Len: 10}, {Base: &answer[10], Len: uint64(len(answer) - 10)}}
		if exchange == 1 {
			call("write", syscall.SYS_WRITE, fd, address(answer), uintptr(len(answer)))
		} else {
			call("writev", syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&parts[0])), 2)
		}
		if exchange == 2 {
			call("read of nothing", syscall.SYS_READ, fd, address(room), 4096)
		}
	}
	call("shutdown", syscall.SYS_SHUTDOWN, fd, syscall.SHUT_RDWR)
}

// Reads both answers, and says how often one told it to close.
func ask(address string) {
	connection, _ := net.Dial("tcp", address)
	in := bufio.NewReader(connection)
	told := 0
	for i := 0; i < 2; i++ {
		fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: here\r\n\r\n")
		for line := ""; line != "\r\n"; {
			line, _ = in.ReadString('\n')
			if line == "" {
				panic("no answer")
			}
			if strings.HasPrefix(line, "Connection: close") {
				told++
			}
		}
		in.Discard(3)
	}
	fmt.Println("told", told)
}

func main() {
	runtime.LockOSThread()
	call("getpid", syscall.SYS_GETPID)
	call("an unknown number", 100000)
	call("close of nothing", syscall.SYS_CLOSE, 4000)
	call("read of a large descriptor", syscall.SYS_READ, 1<<20, 0, 0)
	call("fcntl", syscall.SYS_FCNTL, 0, syscall.F_GETFD)
	call("dup", syscall.SYS_FCNTL, 0, syscall.F_DUPFD_CLOEXEC, 100)
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	done := make(chan bool)
	go func() { ask(listener.Addr().String()); done <- true }()
	connection, _ := listener.Accept()
	serve(connection)
	<-done
	connection.Close()
	fmt.Println("done")
}
