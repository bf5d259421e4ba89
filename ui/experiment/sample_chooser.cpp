#include "ui/experiment/sample_chooser.h"

#include "core/config/schema/number_list.h"
#include "ui/experiment/sample_list.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeView>
#include <QVBoxLayout>
#include <utility>

namespace dskd::ui
{
namespace
{

// Space ticks the current sample whichever column it is in; the view itself does so in the column with the box.
class TickByKey final : public QObject
{
public:
    explicit TickByKey(QTreeView& view) : QObject(&view), m_view(view) { view.installEventFilter(this); }
    bool eventFilter(QObject* /*watched*/, QEvent* event) override
    {
        if (event->type() != QEvent::KeyPress || static_cast<QKeyEvent*>(event)->key() != Qt::Key_Space) {
            return false;
        }
        const QModelIndex box = m_view.currentIndex().siblingAtColumn(SampleList::Line);
        if (box.isValid()) {
            const bool on = box.data(Qt::CheckStateRole).toInt() == Qt::Checked;
            m_view.model()->setData(box, static_cast<int>(on ? Qt::Unchecked : Qt::Checked), Qt::CheckStateRole);
        }
        return true;
    }

private:
    QTreeView& m_view;
};

// Return goes from the search to what it found; the dialog would take it for its button.
class ReturnToList final : public QObject
{
public:
    ReturnToList(QLineEdit& search, QTreeView& list) : QObject(&search), m_list(list)
    {
        search.installEventFilter(this);
    }
    bool eventFilter(QObject* /*watched*/, QEvent* event) override
    {
        const int key = event->type() == QEvent::KeyPress ? static_cast<QKeyEvent*>(event)->key() : 0;
        if (key != Qt::Key_Return && key != Qt::Key_Enter) {
            return false;
        }
        m_list.setFocus();
        return true;
    }

private:
    QTreeView& m_list;
};

std::string textOf(const std::set<std::int64_t>& lines)
{
    return config::numbersText({lines.begin(), lines.end()});
}

} // namespace

SampleChooser::SampleChooser(const config::DataConfig& data, const std::string& chosen, QWidget* parent)
    : QDialog(parent), m_list(new SampleList(this)), m_search(new QLineEdit(this)), m_view(new QTreeView(this)),
      m_note(new QLabel(tr("Reading the data \u2026"), this)), m_count(new QLabel(this)),
      m_none(new QPushButton(tr("Choose &none"), this)), m_reading(QStringLiteral("samples"))
{
    setObjectName(QStringLiteral("sampleChooser"));
    setWindowTitle(tr("Samples to record"));
    m_search->setObjectName(QStringLiteral("sampleSearch"));
    m_search->setAccessibleName(tr("Search of the samples"));
    m_search->setPlaceholderText(tr("Search: words of a question or an answer, a line"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon("search"), QLineEdit::LeadingPosition);
    m_view->setObjectName(QStringLiteral("samples"));
    m_view->setAccessibleName(tr("Samples"));
    m_view->setModel(m_list);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setAllColumnsShowFocus(true);
    m_view->header()->setStretchLastSection(true);
    m_view->header()->resizeSection(SampleList::Line, 7 * kSpace3);
    m_view->header()->resizeSection(SampleList::Question, 320);
    new TickByKey(*m_view);
    new ReturnToList(*m_search, *m_view);
    for (QLabel* label : {m_note, m_count}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    m_note->setObjectName(QStringLiteral("sampleNote"));
    setTone(*m_note, "muted");
    m_count->setObjectName(QStringLiteral("sampleCount"));
    m_none->setObjectName(QStringLiteral("chooseNone"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_take = buttons->button(QDialogButtonBox::Ok);
    m_take->setText(tr("Record these"));
    buttons->addButton(m_none, QDialogButtonBox::ResetRole);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(kSpace2);
    layout->addWidget(m_note);
    layout->addWidget(m_search);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_count);
    layout->addWidget(buttons);
    resize(760, 480);

    connect(m_search, &QLineEdit::textChanged, this, &SampleChooser::search);
    connect(m_list, &SampleList::chosenChanged, this, &SampleChooser::showCount);
    connect(m_none, &QPushButton::clicked, this, [this] { m_list->setChosen({}); });
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    if (const auto lines = config::parseNumbers(chosen, "lines")) {
        m_list->setChosen({lines->begin(), lines->end()});
    } else if (chosen.find_first_not_of(" \t") != std::string::npos) {
        m_unreadable = shownName(chosen);
    }
    showCount();
    m_take->setEnabled(false);
    m_reading.run(
        this, [data](const std::atomic<bool>& cancelled) { return preflight::probeCandidates(data, &cancelled); },
        [this](Result<preflight::DataSamples> read) { take(std::move(read)); });
}

void SampleChooser::take(Result<preflight::DataSamples> read)
{
    if (!read) {
        m_note->setText(windowWords(read.failure().text()));
        setTone(*m_note, "bad");
        return;
    }
    QString note = shownName(read->file.string());
    for (const std::string& sentence : read->leftOut) {
        note += QLatin1Char('\n') + QString::fromStdString(sentence);
    }
    m_note->setText(note);
    m_list->setSamples(std::move(read->samples));
    search(m_search->text());
    m_take->setEnabled(true);
    showCount();
}

void SampleChooser::search(const QString& text)
{
    m_list->setSearch(text);
    if (m_list->rowCount() > 0) {
        m_view->setCurrentIndex(m_list->index(0, SampleList::Line));
    }
}

void SampleChooser::showCount()
{
    const std::set<std::int64_t>& chosen = m_list->chosen();
    QString text = chosen.empty()
                       ? tr("None is chosen: the first ones are recorded, as many as log.probe_samples says.")
                       : tr("Chosen lines: %1").arg(QString::fromStdString(textOf(chosen)));
    const std::set<std::int64_t> unknown =
        m_list->numSamples() > 0 ? m_list->unknown() : std::set<std::int64_t>(); // not while it is being read
    if (!unknown.empty()) {
        text += QLatin1Char('\n') + tr("No sample is at: %1").arg(QString::fromStdString(textOf(unknown)));
    }
    if (!m_unreadable.isEmpty()) {
        text += QLatin1Char('\n') + tr("\"%1\" is no list of lines; Record these replaces it.").arg(m_unreadable);
    }
    m_count->setText(text);
    m_none->setEnabled(!chosen.empty());
}

std::string SampleChooser::lines() const
{
    return textOf(m_list->chosen());
}

} // namespace dskd::ui
