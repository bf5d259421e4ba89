#include "app/cli/doctor_command.h"

#include "app/cli/machine.h"
#include "core/base/version.h"

#include <nlohmann/json.hpp>

namespace dskd::cli
{

int runDoctor(const DoctorOptions& options, Console& console)
{
    const Machine machine = readMachine();
    if (options.json) {
        printJson(console.out, {{"dskd", kVersion}, {"system", machine.system}, {"threads", machine.threads}});
        return toInt(ExitCode::Done);
    }
    console.out << "dskd " << kVersion << " on " << machine.system << ", " << machine.threads << " threads\n";
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli
