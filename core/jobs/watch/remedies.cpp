#include "core/jobs/watch/remedies.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/text/numbers.h"

namespace dskd::jobs
{

Remedies& Remedies::offer(const std::string& label, std::vector<std::pair<std::string, std::string>> fields)
{
    const Remedy remedy{label, std::move(fields)};
    const auto cured = withRemedy(m_experiment, remedy);
    if (cured && config::toText(*cured) != config::toText(m_experiment) &&
        config::validate(*cured).size() <= config::validate(m_experiment).size()) {
        m_remedies.push_back(remedy);
    }
    return *this;
}

Remedies& Remedies::lowerRate()
{
    return offer("lr ÷ 10", {{"train.lr", text::exact(m_experiment.train.lr / 10.0)}});
}

Remedies& Remedies::lowerProjectorRate()
{
    return offer("projector lr ÷ 10", {{"projector.lr", text::exact(m_experiment.projector.lr / 10.0)}});
}

Remedies& Remedies::raiseProjectorRate()
{
    return offer("projector lr × 10", {{"projector.lr", text::exact(m_experiment.projector.lr * 10.0)}});
}

Remedies& Remedies::warmUp(std::int64_t totalSteps)
{
    return m_experiment.train.warmupSteps > 0 || totalSteps < 20
               ? *this
               : offer("a warm-up", {{"train.warmup_steps", std::to_string(totalSteps / 20)}});
}

Remedies& Remedies::clip()
{
    return m_experiment.train.clipNorm > 0.0 ? *this : offer("clipped gradients", {{"train.clip_norm", "1"}});
}

Remedies& Remedies::initialise()
{
    return offer("projectors from the pseudo-inverse", {{"projector.init", "pinv"}});
}

Remedies& Remedies::align(const std::string& label, config::Alignment alignment)
{
    return offer(label, {{"method.alignment", std::string(config::name(alignment))}});
}

bool hasProjectors(const config::Experiment& experiment)
{
    return config::comparesInStudentSpace(experiment.method) || config::comparesInTeacherSpace(experiment.method);
}

} // namespace dskd::jobs
