#pragma once

// What a finding offers to try.

#include "core/config/schema/alignment.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/watchdogs.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dskd::jobs
{

// Collects remedies, the most promising first. The experiment must outlive it.
class Remedies
{
public:
    explicit Remedies(const config::Experiment& experiment) : m_experiment(experiment) {}

    // Nothing where it changes nothing, or where more would be refused than before.
    Remedies& offer(const std::string& label, std::vector<std::pair<std::string, std::string>> fields);

    Remedies& lowerRate();
    Remedies& lowerProjectorRate();
    Remedies& raiseProjectorRate();
    // Over a twentieth of the steps, as usual.
    Remedies& warmUp(std::int64_t totalSteps);
    Remedies& clip();
    Remedies& initialise(); // the projectors, from the pseudo-inverse
    Remedies& align(const std::string& label, config::Alignment alignment);

    [[nodiscard]] std::vector<Remedy> take() { return std::move(m_remedies); }

private:
    const config::Experiment& m_experiment;
    std::vector<Remedy> m_remedies;
};

[[nodiscard]] bool hasProjectors(const config::Experiment& experiment);

} // namespace dskd::jobs
