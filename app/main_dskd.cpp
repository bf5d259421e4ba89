// dskd: the command line. Links neither Qt nor LibTorch; what needs tensors is done by dskd-worker.

#include "app/cli/command_line.h"

int main(int argc, char** argv)
{
    dskd::cli::Console console = dskd::cli::processConsole();
    return dskd::cli::runCommandLine({argv + 1, argv + argc}, console);
}
