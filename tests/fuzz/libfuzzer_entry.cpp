// The targets for libFuzzer: fuzz_inputs [FLAGS] CORPUS... searches for inputs of the target that the environment
// variable DSKD_FUZZ_TARGET names. With DSKD_FUZZ_SEEDS it writes the target's seeds into that folder first.

#include "core/base/atomic_file.h"
#include "tests/fuzz/target.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace
{

const dskd::fuzz::Target* target = nullptr; // libFuzzer hands nothing through

} // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/)
{
    const char* name = std::getenv("DSKD_FUZZ_TARGET");
    target = name == nullptr ? nullptr : dskd::fuzz::findTarget(name);
    if (target == nullptr) {
        std::fprintf(stderr, "DSKD_FUZZ_TARGET must be one of:");
        for (const dskd::fuzz::Target& known : dskd::fuzz::targets()) {
            std::fprintf(stderr, " %s", std::string(known.name).c_str());
        }
        std::fprintf(stderr, "\n");
        std::exit(2);
    }
    if (const char* folder = std::getenv("DSKD_FUZZ_SEEDS")) {
        int number = 0;
        for (const std::string& seed : target->seeds()) {
            dskd::writeFileAtomically(std::filesystem::path(folder) / ("seed-" + std::to_string(number++)), seed)
                .value();
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    dskd::fuzz::run(*target, {reinterpret_cast<const char*>(data), size});
    return 0;
}
