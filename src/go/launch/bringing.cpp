// All of the file's room is taken first, then its segments are laid into it.

#include "bringing.hpp"

#include "../../preload/raw.hpp"
#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstring>
#include <vector>

namespace lastcall::go {
namespace {

const auto page_size = static_cast<std::uint64_t>(getpagesize());

std::uint64_t page_down(std::uint64_t address) { return address & ~(page_size - 1); }
std::uint64_t page_up(std::uint64_t address) { return page_down(address + page_size - 1); }

struct GuestFile {
    std::uint64_t entry = 0;
    std::uint64_t size = 0;  // in memory
    std::vector<Elf64_Phdr> segments;
};

// Our own file, next to us: it is what it says it is, or is not there.
std::optional<GuestFile> read_guest(const std::string& path) {
    const MappedFile mapped{path};
    const Bytes file = mapped.bytes();
    Elf64_Ehdr header;
    if (file.size() < sizeof header) return {};
    std::memcpy(&header, file.data(), sizeof header);
    const bool ours = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
                      header.e_type == ET_DYN && header.e_phentsize == sizeof(Elf64_Phdr);
    if (!ours) return {};
    GuestFile guest{header.e_entry, 0, {}};
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        const std::size_t place = header.e_phoff + i * sizeof segment;
        if (file.size() < place + sizeof segment) return {};
        std::memcpy(&segment, file.data() + place, sizeof segment);
        if (segment.p_type != PT_LOAD) continue;
        if (segment.p_offset + segment.p_filesz > file.size()) return {};  // cut short
        guest.segments.push_back(segment);
        guest.size = page_up(segment.p_vaddr + segment.p_memsz);
    }
    if (guest.segments.empty()) return {};
    return guest;
}

bool failed(std::optional<long> answer) { return !answer || raw::is_error(*answer); }

int protection(const Elf64_Phdr& segment) {
    return ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
           ((segment.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
           ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

// The rest of a segment, which the file does not hold, begins as zero; of the last page of the
// file's part the guest sees to that.
bool lay(Tracee& process, const Elf64_Phdr& segment, std::uint64_t base, long file) {
    const std::uint64_t start = base + page_down(segment.p_vaddr);
    const std::uint64_t held = page_up(base + segment.p_vaddr + segment.p_filesz);
    const std::uint64_t end = page_up(base + segment.p_vaddr + segment.p_memsz);
    const int access = protection(segment);
    if (failed(process.call(SYS_mmap, start, held - start, access, MAP_PRIVATE | MAP_FIXED, file,
                            page_down(segment.p_offset)))) {
        return false;
    }
    return end == held || !failed(process.call(SYS_mmap, held, end - held, access,
                                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

// Where the guest lies now; 0 if there is no room for it, or the kernel refuses.
std::uint64_t map(Tracee& process, const GuestFile& guest, long file) {
    const auto room = process.call(SYS_mmap, 0, guest.size, PROT_NONE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (failed(room)) return 0;
    const auto base = static_cast<std::uint64_t>(*room);
    for (const Elf64_Phdr& segment : guest.segments) {
        if (lay(process, segment, base, file)) continue;
        static_cast<void>(process.call(SYS_munmap, base, guest.size));
        return 0;
    }
    return base;
}

bool is_as_its_file(const Tracee& process, const Sites& sites) {
    for (std::size_t i = 0; i < sites.count; ++i) {
        const auto bytes = process.peek(sites.places[i], site_size);
        if (!bytes || !is_untouched_site(*bytes)) return false;
    }
    return true;
}

}  // namespace

std::string bring(Tracee& process, const ProgramFile& program, const std::string& path,
                  const Launch& launch) {
    const std::uint64_t moved = process.first().instruction() - program.entry;
    Launch all = launch;
    all.count = program.sites.count;
    for (std::size_t i = 0; i < all.count; ++i) all.places[i] = program.sites.places[i] + moved;
    if (!is_as_its_file(process, {all.places, all.count})) {
        return "its memory is not as its file says";
    }
    const auto guest = read_guest(path);
    if (!guest) return "the guest's file cannot be read";
    process.call_by(all.places[0]);
    const std::uint64_t name = process.lend(path);
    const auto file = process.call(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (name == 0 || failed(file)) return "it cannot open the guest's file";
    const std::uint64_t base = map(process, *guest, *file);
    static_cast<void>(process.call(SYS_close, *file));
    if (base == 0) return "the guest's file cannot be mapped into it";
    process.make_ready(base + guest->entry, all);
    return {};
}

}  // namespace lastcall::go
