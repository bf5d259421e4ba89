#pragma once

#include <QToolButton>
#include <string>
#include <vector>

namespace dskd::ui
{

// A button that names the fields on one axis of the matrix, and a menu that ticks them. They stand on the axis in the
// order in which they were ticked. GUI thread only.
class FieldChooser final : public QToolButton
{
    Q_OBJECT
public:
    explicit FieldChooser(QWidget* parent = nullptr);

    // `chosen` empty: the matrix takes its default, which is `shown`. All are full paths.
    void setFields(std::vector<std::string> offered, std::vector<std::string> chosen, std::vector<std::string> shown);

    [[nodiscard]] QSize minimumSizeHint() const override; // many fields give way to the controls beside them

Q_SIGNALS:
    void chosen(const std::vector<std::string>& fields); // by the person; empty: "automatic"

protected:
    void paintEvent(QPaintEvent* event) override; // what does not fit is cut in its middle and whole in the tool tip

private:
    void fillMenu();
    void toggle(const std::string& field, bool on);

    std::vector<std::string> m_offered;
    std::vector<std::string> m_chosen;
    std::vector<std::string> m_shown;
};

} // namespace dskd::ui
