// dskd: the command line. Links neither Qt nor LibTorch; what needs tensors is done by dskd-worker.

#include "app/cli/command_line.h"

#include <exception>

int main(int argc, char** argv)
{
    dskd::cli::Console console = dskd::cli::processConsole();
    try {
        return dskd::cli::runCommandLine({argv + 1, argv + argc}, console);
    } catch (const std::exception& problem) {
        return dskd::cli::explain(console, {std::string("dskd cannot go on: ") + problem.what(), {}});
    }
}
