#include "app/worker/merge_adapter.h"

#include "core/model/causal_lm.h"

#include <ostream>

namespace dskd::worker
{

ExitCode mergeAdapter(const std::filesystem::path& adapter, const std::filesystem::path& to, at::ScalarType dtype,
                      std::ostream& out)
{
    model::LoadOptions options;
    options.dtype = dtype;
    const auto merged = model::loadCausalLm(adapter, options);
    if (!merged) {
        out << merged.failure().text() << '\n';
        return ExitCode::BadModel;
    }
    if (const auto saved = model::saveCausalLm(**merged, to); !saved) {
        out << saved.failure().text() << '\n';
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

} // namespace dskd::worker
