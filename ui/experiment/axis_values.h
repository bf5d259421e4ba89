#pragma once

#include "core/config/schema/experiment_json.h"

#include <QWidget>
#include <string>
#include <utility>
#include <vector>

class QCheckBox;
class QLineEdit;

namespace dskd::ui
{

// The values of a field that runs vary: check boxes for a choice, a line with commas for numbers, with semicolons for
// texts. GUI thread only.
class AxisValues final : public QWidget
{
    Q_OBJECT
public:
    AxisValues(const config::FieldInfo& field, const QString& label, QWidget* parent = nullptr);

    void setValues(const std::vector<std::string>& values); // emits no signal
    // As they stand there: of a choice in its own order, of a line without empty ones.
    [[nodiscard]] std::vector<std::string> values() const;
    void setProblem(bool bad);

Q_SIGNALS:
    void edited();

private:
    std::vector<std::pair<std::string, QCheckBox*>> m_boxes; // of a choice
    QLineEdit* m_line = nullptr;                             // of what is typed
    QChar m_separator = QLatin1Char(',');
};

} // namespace dskd::ui
