#include "core/base/mapped_file.h"

#include "core/base/regular_file.h"
#include "core/base/system_failure.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace dskd
{
namespace
{

// What a signal handler may read: atomics and bytes of its own, no memory that another thread may be giving back.
// `begin` is written last and cleared first, so that a slot with a beginning is whole.
struct Mapping {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<bool> taken{false};
    std::size_t size = 0;
    std::array<char, 512> path{}; // longer ones are cut
};

constexpr std::size_t kMostNamed = 256; // further mappings are not named
std::array<Mapping, kMostNamed> mappings;
std::string wordsBefore; // set once, before the handler is
int exitCodeOfLoss = 0;

void remember(const std::byte* data, std::size_t size, const std::filesystem::path& path)
{
    for (Mapping& mapping : mappings) {
        if (!mapping.taken.exchange(true)) {
            mapping.size = size;
            std::strncpy(mapping.path.data(), path.c_str(), mapping.path.size() - 1);
            mapping.begin = reinterpret_cast<std::uintptr_t>(data);
            return;
        }
    }
}

void forget(const std::byte* data)
{
    for (Mapping& mapping : mappings) {
        if (mapping.begin == reinterpret_cast<std::uintptr_t>(data)) {
            mapping.begin = 0;
            mapping.path = {};
            mapping.taken = false;
            return;
        }
    }
}

void writeWords(const char* words)
{
    (void)!::write(STDERR_FILENO, words, std::strlen(words)); // there is nowhere to report a failure to
}

void onBusError(int signal, siginfo_t* info, void* /*context*/)
{
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (const Mapping& mapping : mappings) {
        const std::uintptr_t begin = mapping.begin;
        if (begin != 0 && address >= begin && address - begin < mapping.size) {
            writeWords(wordsBefore.c_str());
            writeWords(mapping.path.data());
            writeWords(" was cut short, or its disk failed, while its weights were in use. Copy or download it again; "
                       "replace a model's files only when no run reads them.\n");
            ::_exit(exitCodeOfLoss);
        }
    }
    std::signal(signal, SIG_DFL); // not one of ours: the fault comes again when this returns
}

} // namespace

Result<std::shared_ptr<MappedFile>> MappedFile::open(const std::filesystem::path& path)
{
    const auto file = RegularFile::open(path);
    if (!file) {
        return file.failure();
    }
    const auto size = static_cast<std::size_t>(file->size());
    if (size == 0) {
        return std::shared_ptr<MappedFile>(new MappedFile(nullptr, 0, path));
    }
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file->descriptor(), 0);
    if (data == MAP_FAILED) {
        return systemFailure(path, "mapped");
    }
    return std::shared_ptr<MappedFile>(new MappedFile(static_cast<std::byte*>(data), size, path));
}

MappedFile::MappedFile(std::byte* data, std::size_t size, const std::filesystem::path& path)
    : m_data(data), m_size(size)
{
    if (data != nullptr) {
        remember(data, size, path);
    }
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr) {
        forget(m_data);
        ::munmap(m_data, m_size);
    }
}

void installBusErrorHandler(std::string before, int exitCode)
{
    wordsBefore = std::move(before);
    exitCodeOfLoss = exitCode;
    struct sigaction action {
    };
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
}

} // namespace dskd
