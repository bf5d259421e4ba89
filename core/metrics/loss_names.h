#pragma once

// The names of the terms of a loss, as they are logged: what core/distill computes, core/train records and readers look
// for. The equations are those of the paper (core/distill/METHOD.md).

#include <string_view>

namespace dskd::metrics
{

inline constexpr std::string_view kNllLoss = "nll_loss";                // Eqn. 1
inline constexpr std::string_view kKdLoss = "kd_loss";                  // the sum of the next three; Eqn. 2 alone
inline constexpr std::string_view kT2sCeLoss = "t2s_ce_loss";           // Eqn. 5
inline constexpr std::string_view kT2sKdLoss = "t2s_kd_loss";           // Eqn. 6
inline constexpr std::string_view kS2tKdLoss = "s2t_kd_loss";           // Eqn. 9
inline constexpr std::string_view kKeyQueryLoss = "kq_loss";            // key-query matching
inline constexpr std::string_view kPolicyGradientLoss = "pg_loss";      // the clipped surrogate
inline constexpr std::string_view kSingleStepLoss = "single_step_loss"; // reverse KL beside it

} // namespace dskd::metrics
