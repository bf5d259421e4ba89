#include "ui/pages/alignment/coverage_lists.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/text_line.h"
#include "viz/heat_map.h"

#include <QHeaderView>
#include <QHelpEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QTabBar>
#include <QToolTip>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace dskd::ui
{
namespace
{

enum SampleColumn { Sample, Coverage, Tokens, Exact, Chunk, Unaligned, Inside, NumSampleColumns };
enum TokenColumn { Token, Class, Count, NumTokenColumns };

constexpr int kSampleRole = Qt::UserRole; // of the first column

QString samplesText(std::int64_t number)
{
    return number == 1 ? QObject::tr("1 sample") : QObject::tr("%1 samples").arg(whole(number));
}

QTreeWidget* newTable(const char* name, const QString& title, const QStringList& columns)
{
    auto* table = new QTreeWidget;
    table->setObjectName(QString::fromLatin1(name));
    table->setAccessibleName(title);
    table->setHeaderLabels(columns);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setAllColumnsShowFocus(true);
    table->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->header()->setStretchLastSection(true);
    table->setMinimumWidth(140);
    return table;
}

// Sorts counts as numbers, and classes by how often they occur, within a class by the token's count.
class TokenItem final : public QTreeWidgetItem
{
public:
    TokenItem(const QStringList& texts, std::int64_t count, std::int64_t ofClass)
        : QTreeWidgetItem(texts), m_count(count), m_ofClass(ofClass)
    {
    }

    bool operator<(const QTreeWidgetItem& other) const override
    {
        const auto& that = static_cast<const TokenItem&>(other);
        switch (treeWidget()->sortColumn()) {
        case Class:
            return std::tuple(m_ofClass, text(Class), m_count) <
                   std::tuple(that.m_ofClass, that.text(Class), that.m_count);
        case Count: return m_count < that.m_count;
        default: return text(Token) < that.text(Token);
        }
    }

private:
    std::int64_t m_count;
    std::int64_t m_ofClass; // of all tokens of its class that are listed
};

QString titleOf(align::TokenClass tokenClass)
{
    const align::TokenClassRow& row = align::rowOf(tokenClass);
    return QString::fromUtf8(row.title.data(), static_cast<qsizetype>(row.title.size()));
}

void alignRight(QTreeWidgetItem& item, int from, int to)
{
    for (int column = from; column < to; ++column) {
        item.setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    }
}

} // namespace

CoverageLists::CoverageLists(QWidget* parent)
    : QTabWidget(parent), m_samples(newTable("samples", tr("Samples, worst coverage first"),
                                             {tr("sample"), tr("coverage"), tr("tokens"), tr("exact"), tr("chunk"),
                                              tr("unaligned"), tr("inside chunk")})),
      m_bars(new CoverageBars), m_classes(newLine("unalignedClasses")),
      m_tokens(newTable("unalignedTokens", tr("Tokens without a partner, most frequent first"),
                        {tr("token"), tr("class"), tr("count")}))
{
    setObjectName(QStringLiteral("coverageLists"));
    setAccessibleName(tr("Samples, their distribution, tokens without a partner"));
    tabBar()->setAccessibleName(accessibleName());
    setDocumentMode(true);
    m_samples->headerItem()->setToolTip(Coverage,
                                        tr("Share of the student's tokens that the alignment gives a partner"));
    m_samples->headerItem()->setToolTip(
        Inside, tr("Share of the attention that stays inside the true chunk, at the step that is shown"));
    addTab(m_samples, tr("Samples"));
    addTab(m_bars, tr("Distribution"));
    auto* unaligned = new QWidget;
    auto* column = new QVBoxLayout(unaligned);
    column->setContentsMargins(0, kSpace1, 0, 0);
    column->setSpacing(kSpace1);
    column->addWidget(m_classes);
    column->addWidget(m_tokens, 1);
    addTab(unaligned, tr("Unaligned"));
    m_tokens->header()->setSectionsClickable(true);
    m_tokens->header()->setSortIndicator(Count, Qt::DescendingOrder);
    setTabToolTip(2, tr("Student tokens without a partner: which, of what class, how often"));
    connect(m_samples, &QTreeWidget::currentItemChanged, this, [this](const QTreeWidgetItem* item) {
        if (item) {
            Q_EMIT sampleChosen(item->data(Sample, kSampleRole).toLongLong());
        }
    });
    connect(m_tokens, &QTreeWidget::itemActivated, this,
            [this](const QTreeWidgetItem* item) { Q_EMIT sampleChosen(item->data(Token, kSampleRole).toLongLong()); });
}

void CoverageLists::setReport(const align::CoverageReport& report)
{
    clear();
    QList<QTreeWidgetItem*> samples;
    for (const align::SampleCoverage& one : report.samples) {
        auto* item = new QTreeWidgetItem({whole(one.sample + 1), percent(one.share()), whole(one.studentTokens),
                                          whole(one.exact), whole(one.inChunk), whole(one.unaligned), kMissing});
        item->setData(Sample, kSampleRole, QVariant::fromValue<qlonglong>(one.sample));
        item->setToolTip(Sample, tr("Line %1 of the data").arg(one.line));
        alignRight(*item, Coverage, NumSampleColumns);
        samples.append(item);
    }
    const QSignalBlocker blocker(m_samples);
    m_samples->addTopLevelItems(samples);
    m_bars->setCoverage(report.coverage);
    showUncovered(report.uncovered);
}

void CoverageLists::showUncovered(const std::vector<align::UncoveredToken>& uncovered)
{
    std::map<align::TokenClass, std::int64_t> byClass;
    for (const align::UncoveredToken& one : uncovered) {
        byClass[one.tokenClass] += one.count;
    }
    QList<QTreeWidgetItem*> tokens;
    tokens.reserve(static_cast<qsizetype>(uncovered.size()));
    for (const align::UncoveredToken& one : uncovered) {
        const align::TokenClassRow& row = align::rowOf(one.tokenClass);
        auto* item = new TokenItem(
            {viz::visibleToken(QString::fromStdString(one.text)), titleOf(one.tokenClass), whole(one.count)}, one.count,
            byClass[one.tokenClass]);
        item->setFont(Token, monospaceFont());
        item->setData(Token, kSampleRole, QVariant::fromValue<qlonglong>(one.sample));
        item->setToolTip(Token, tr("Token %1 of the student; Return shows the first sample with it").arg(one.id));
        item->setToolTip(Class, QString::fromUtf8(row.sentence.data(), static_cast<qsizetype>(row.sentence.size())));
        alignRight(*item, Count, NumTokenColumns);
        tokens.append(item);
    }
    m_tokens->setSortingEnabled(false); // once, when all are there
    m_tokens->addTopLevelItems(tokens);
    m_tokens->setSortingEnabled(true);

    std::vector<std::pair<align::TokenClass, std::int64_t>> classes(byClass.begin(), byClass.end());
    std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    QStringList texts;
    for (const auto& [tokenClass, count] : classes) {
        texts << tr("%1 %2").arg(titleOf(tokenClass), whole(count));
    }
    m_classes->setText(texts.join(QStringLiteral(" \u00b7 ")));
    m_classes->setToolTip(texts.isEmpty() ? QString() : tr("Listed tokens by class: %1").arg(texts.join(", ")));
}

void CoverageLists::clear()
{
    const QSignalBlocker blocker(m_samples);
    m_samples->clear();
    m_tokens->clear();
    m_classes->clear();
    m_bars->setCoverage(std::nullopt);
}

void CoverageLists::setInsideChunks(const std::map<std::int64_t, double>& bySample)
{
    for (int i = 0; i < m_samples->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_samples->topLevelItem(i);
        const auto known = bySample.find(item->data(Sample, kSampleRole).toLongLong());
        item->setText(Inside, known == bySample.end() ? kMissing : percent(known->second));
    }
}

void CoverageLists::showSample(std::optional<std::int64_t> sample)
{
    const QTreeWidgetItem* current = m_samples->currentItem();
    if (sample && current && current->data(Sample, kSampleRole).toLongLong() == *sample) {
        return; // the list stays where a person has scrolled it
    }
    const QSignalBlocker blocker(m_samples);
    for (int i = 0; sample && i < m_samples->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_samples->topLevelItem(i);
        if (item->data(Sample, kSampleRole).toLongLong() == *sample) {
            m_samples->setCurrentItem(item);
            return;
        }
    }
    m_samples->setCurrentItem(nullptr);
}

CoverageBars::CoverageBars(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("coverageBars"));
    setAccessibleName(tr("Distribution of coverage over the samples"));
}

void CoverageBars::setCoverage(std::optional<align::CoverageStatistics> coverage)
{
    m_coverage = std::move(coverage);
    setAccessibleDescription(
        m_coverage ? tr("%1 samples, coverage from %2 to %3, mean %4")
                         .arg(m_coverage->samples())
                         .arg(percent(m_coverage->min()), percent(m_coverage->max()), percent(m_coverage->mean()))
                   : QString());
    update();
}

QRectF CoverageBars::plot() const
{
    const int line = fontMetrics().height();
    return QRectF(rect()).adjusted(kSpace2, kSpace2 + line, -kSpace2, -kSpace2 - line);
}

QRectF CoverageBars::barOf(std::size_t bin) const
{
    if (!m_coverage || m_coverage->histogram()[bin] == 0) {
        return {};
    }
    const auto& histogram = m_coverage->histogram();
    const auto highest = static_cast<double>(*std::max_element(histogram.begin(), histogram.end()));
    const QRectF area = plot();
    const double width = area.width() / static_cast<double>(histogram.size());
    // A single sample can be seen beside thousands.
    const double height = std::max(2.0, area.height() * static_cast<double>(histogram[bin]) / highest);
    return {area.left() + width * static_cast<double>(bin) + 1, area.bottom() - height, std::max(1.0, width - 2),
            height};
}

QString CoverageBars::hintOf(std::size_t bin) const
{
    const double bins = static_cast<double>(align::kCoverageBins);
    return tr("%1 to %2 %: %3")
        .arg(100.0 * static_cast<double>(bin) / bins)
        .arg(100.0 * static_cast<double>(bin + 1) / bins)
        .arg(samplesText(m_coverage ? m_coverage->histogram()[bin] : 0));
}

bool CoverageBars::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QRectF area = plot();
        const double at = (help->pos().x() - area.left()) / std::max(1.0, area.width());
        const auto bin = static_cast<int>(at * static_cast<double>(align::kCoverageBins));
        const bool inside = at >= 0.0 && bin < static_cast<int>(align::kCoverageBins);
        QToolTip::showText(help->globalPos(), inside ? hintOf(static_cast<std::size_t>(bin)) : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

void CoverageBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Palette& colors = ui::palette();
    const QRectF area = plot();
    painter.setPen(colors.line);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.setPen(colors.muted);
    const QRectF below(area.left(), area.bottom() + 2, area.width(), fontMetrics().height());
    painter.drawText(below, Qt::AlignLeft, QStringLiteral("0 %"));
    painter.drawText(below, Qt::AlignHCenter, tr("coverage of a sample"));
    painter.drawText(below, Qt::AlignRight, QStringLiteral("100 %"));
    if (!m_coverage) {
        return;
    }
    const auto& histogram = m_coverage->histogram();
    painter.drawText(QRectF(area.left(), kSpace1, area.width(), fontMetrics().height()), Qt::AlignLeft,
                     tr("up to %1").arg(samplesText(*std::max_element(histogram.begin(), histogram.end()))));
    for (std::size_t bin = 0; bin < histogram.size(); ++bin) {
        painter.fillRect(barOf(bin), colors.accent);
    }
}

} // namespace dskd::ui
