// dskd-worker: carries out one job in a process of its own.

#include "app/worker/about.h"
#include "app/worker/answer_bench.h"
#include "app/worker/answer_question.h"
#include "app/worker/gpu_library.h"
#include "app/worker/merge_adapter.h"
#include "app/worker/run_job.h"
#include "core/base/exit_codes.h"
#include "core/base/last_words.h"
#include "core/base/mapped_file.h"

#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace
{

dskd::train::RunControl control;

void onSignal(int signal)
{
    if (signal == SIGUSR1) {
        control.checkpoint = true;
    } else {
        control.stop = true;
    }
}

void installSignals()
{
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGUSR1, &action, nullptr);
    // Who launched us blocked these, so that a request that came before the handlers waited for them.
    sigset_t requests;
    sigemptyset(&requests);
    sigaddset(&requests, SIGTERM);
    sigaddset(&requests, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &requests, nullptr);
}

int run(const std::vector<std::string>& arguments)
{
    using namespace dskd;
    bool json = false;
    bool version = false;
    bool measure = false;
    bool merge = false;
    bool ask = false;
    bool bench = false;
    bool bf16 = false;
    std::string folder;
    std::string to;
    for (const std::string& argument : arguments) {
        if (argument == "--help" || argument == "-h") {
            worker::printHelp(std::cout);
            return toInt(ExitCode::Done);
        }
        if (argument == "--version") {
            version = true;
        } else if (argument == "--json") {
            json = true;
        } else if (argument == "--measure") {
            measure = true;
        } else if (argument == "--merge") {
            merge = true;
        } else if (argument == "--ask") {
            ask = true;
        } else if (argument == "--bench") {
            bench = true;
        } else if (argument == "--bf16") {
            bf16 = true;
        } else if (merge && !folder.empty() && to.empty() && !argument.starts_with("-")) {
            to = argument;
        } else if (argument.starts_with("-") || !folder.empty()) {
            std::cerr << "dskd-worker does not understand \"" << argument << "\". Try dskd-worker --help.\n";
            return toInt(ExitCode::Usage);
        } else {
            folder = argument;
        }
    }
    if ((!version && !ask && folder.empty()) || (ask && !folder.empty())) {
        worker::printHelp(std::cerr);
        return toInt(ExitCode::Usage);
    }
    if (merge) {
        if (to.empty()) {
            worker::printHelp(std::cerr);
            return toInt(ExitCode::Usage);
        }
        return toInt(worker::mergeAdapter(folder, to, bf16 ? at::kBFloat16 : at::kFloat, std::cout));
    }
    if (bench) { // a signal ends it: there is nothing to save
        (void)worker::openGpuLibrary();
        return toInt(worker::answerBench(folder, std::cout));
    }
    installSignals(); // before the libraries take their time
    const std::string cudaReason = worker::openGpuLibrary();
    if (version) {
        worker::printVersion(std::cout, json, cudaReason, worker::probeGpus(measure));
        return toInt(ExitCode::Done);
    }
    if (ask) {
        return toInt(worker::answerQuestion(std::cin, std::cout, control));
    }
    return toInt(worker::runJob({std::filesystem::absolute(folder)}, control, cudaReason));
}

} // namespace

int main(int argc, char** argv)
{
    try {
        dskd::installBusErrorHandler(dskd::lastWordsBegin(dskd::ExitCode::BadModel),
                                     dskd::toInt(dskd::ExitCode::BadModel));
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << dskd::lastWordsBegin(dskd::ExitCode::Failed) << error.what() << std::endl;
        return dskd::toInt(dskd::ExitCode::Failed);
    }
}
