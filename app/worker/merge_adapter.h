#pragma once

#include "core/base/exit_codes.h"

#include <ATen/core/Tensor.h>
#include <filesystem>
#include <iosfwd>

namespace dskd::worker
{

// `dskd-worker --merge ADAPTER TO`: the base model that the LoRA folder names, with the adapter merged in, written to
// the folder TO as weights and config.json of type `dtype`. What keeps it from that goes to `out`, as one sentence.
ExitCode mergeAdapter(const std::filesystem::path& adapter, const std::filesystem::path& to, at::ScalarType dtype,
                      std::ostream& out);

} // namespace dskd::worker
