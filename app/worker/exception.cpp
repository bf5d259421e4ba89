#include "app/worker/exception.h"

#include "core/train/loop/micro_batches.h"

#include <c10/util/Exception.h>
#include <exception>
#include <new>

namespace dskd::worker
{
namespace
{

Ending outOfMemory(const std::string& details, const std::string& hint)
{
    return {ExitCode::OutOfMemory, {"Memory ran out: " + details.substr(0, details.find('\n')), hint}};
}

} // namespace

Ending explainException(const std::string& memoryHint, const std::string& detailsHint)
{
    try {
        throw;
    } catch (const Error& error) {
        return {exitCodeOf(error.failure().kind), error.failure()};
    } catch (const c10::Error& error) {
        const std::string what = error.what_without_backtrace();
        if (train::isOutOfMemory(error)) {
            return outOfMemory(what, memoryHint);
        }
        return {ExitCode::Failed, {"LibTorch: " + what.substr(0, what.find('\n')), detailsHint}};
    } catch (const std::bad_alloc&) {
        return outOfMemory("the system gives no more.", memoryHint);
    } catch (const std::exception& error) {
        return {ExitCode::Failed, {error.what(), ""}};
    }
}

} // namespace dskd::worker
