#include "ui/pages/alignment/map_panel.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/alignment/step_values.h"
#include "ui/pages/alignment/text_line.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "ui/pages/shared/step_slider.h"
#include "viz/heat_map_view.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QCheckBox>
#include <QFontMetricsF>
#include <QLabel>
#include <QPainter>
#include <QPalette>
#include <QPointer>
#include <algorithm>
#include <cmath>
#include <utility>

namespace dskd::ui
{
namespace
{

QCheckBox* newCheck(QBoxLayout& bar, const char* name, const QString& title, const QString& tip)
{
    auto* check = new QCheckBox(title);
    check->setObjectName(QString::fromLatin1(name));
    check->setToolTip(tip);
    bar.addWidget(check);
    return check;
}

} // namespace

MapPanel::MapPanel(Background& background, QWidget* parent)
    : QWidget(parent), m_background(background), m_step(new StepSlider(StepSlider::Playback::On)),
      m_otherStep(new StepSlider(StepSlider::Playback::Off)), m_readout(newLine("readout"))
{
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, kSpace1, 0, 0);
    all->setSpacing(kSpace1);
    makeControls(*all);
    m_sides[Left] = newSide(QStringLiteral("left"), tr("Attention map"));
    m_sides[Right] = newSide(QStringLiteral("right"), tr("Attention map beside it"));
    m_sides[Difference] = newSide(QStringLiteral("difference"), tr("Difference of the maps"));
    auto* sides = new QHBoxLayout;
    sides->setSpacing(kSpace2);
    for (const Side& side : m_sides) {
        sides->addWidget(side.frame, 1);
    }
    all->addLayout(sides, 1);
    all->addWidget(m_readout);
    setSteps({}, false);
}

void MapPanel::makeControls(QBoxLayout& into)
{
    m_otherStep->setObjectName(QStringLiteral("otherStep"));
    m_otherStep->setToolTip(tr("The step of the map at the right"));
    auto* sliders = new QHBoxLayout;
    sliders->setSpacing(kSpace3);
    sliders->addWidget(m_step, 1);
    sliders->addWidget(m_otherStep, 1);
    into.addLayout(sliders);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_difference = newCheck(*bar, "difference", tr("Difference"), tr("The left map minus the right one"));
    m_unit = newCheck(*bar, "unitColours", tr("Colours 0 to 1"),
                      tr("Colours over all that attention can be; else from the least to the greatest value shown"));
    m_log = newCheck(*bar, "logColours", tr("Log colours"),
                     tr("Colours by log10 of the attention, from 0.0001: weak links become visible"));
    m_chunks =
        newCheck(*bar, "chunks", tr("Chunks"), tr("Outlines the pieces of text that both sides cut at their ends"));
    m_chunks->setChecked(true);
    bar->addStretch(1);
    into.addLayout(bar);
    for (QCheckBox* check : {m_difference, m_chunks}) {
        connect(check, &QCheckBox::toggled, this, &MapPanel::showMaps);
    }
    connect(m_unit, &QCheckBox::toggled, this, &MapPanel::colourMaps);
    connect(m_log, &QCheckBox::toggled, this, [this](bool on) {
        m_sides[Left].view->setLogScale(on);
        m_sides[Right].view->setLogScale(on);
    });
    for (QCheckBox* check : {m_unit, m_log, m_chunks}) {
        connect(check, &QCheckBox::toggled, this, &MapPanel::stateChanged);
    }
    for (StepSlider* slider : {m_step, m_otherStep}) {
        connect(slider, &StepSlider::stepChanged, this, &MapPanel::stepChanged);
    }
}

MapPanel::Side MapPanel::newSide(const QString& name, const QString& accessibleName)
{
    Side side;
    side.frame = new QWidget;
    side.frame->setObjectName(name + QStringLiteral("Side"));
    side.title = new QLabel(side.frame);
    side.title->setObjectName(name + QStringLiteral("Title"));
    side.title->setTextFormat(Qt::PlainText);
    side.title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    side.view = new viz::HeatMapView(side.frame);
    side.view->setObjectName(name + QStringLiteral("View"));
    side.view->setAccessibleName(accessibleName);
    side.view->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    auto* column = new QVBoxLayout(side.frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpace1);
    column->addWidget(side.title);
    column->addWidget(side.view, 1);
    viz::HeatMapView* view = side.view;
    auto* exporting = new QAction(tr("Export picture\u2026"), view);
    exporting->setObjectName(QStringLiteral("exportPicture"));
    auto* filling = new QAction(tr("Full screen (F11, Esc goes back)"), view);
    filling->setObjectName(QStringLiteral("fullScreen"));
    view->addActions({exporting, filling});
    view->setContextMenuPolicy(Qt::ActionsContextMenu); // by mouse and by the menu key
    connect(exporting, &QAction::triggered, this,
            [this, view, title = side.title] { exportPicture(*view, title->text()); });
    connect(filling, &QAction::triggered, view, [view] { view->setFullScreen(!view->isFullScreen()); });
    connect(view, &viz::HeatMapView::cursorCellChanged, this, [this](std::optional<QPoint> cell) {
        setCursorCell(cell);
        Q_EMIT cursorCellChanged(cell);
    });
    connect(view, &viz::HeatMapView::visiblePartChanged, this, [this, view](const QRectF& part) {
        for (const Side& other : m_sides) {
            if (other.view != view) {
                other.view->setVisiblePart(part);
            }
        }
    });
    return side;
}

QJsonObject MapPanel::savedState() const
{
    return {
        {"unitColours", m_unit->isChecked()}, {"logColours", m_log->isChecked()}, {"chunks", m_chunks->isChecked()}};
}

void MapPanel::restoreState(const QJsonObject& state)
{
    m_unit->setChecked(state["unitColours"].toBool());
    m_log->setChecked(state["logColours"].toBool());
    m_chunks->setChecked(state["chunks"].toBool(true));
}

void MapPanel::setStepLink(StepLink& link)
{
    m_step->setLink(link);
}

void MapPanel::setSteps(std::vector<std::int64_t> steps, bool twice)
{
    m_twice = twice;
    m_otherStep->setSteps(steps);
    m_otherStep->setVisible(twice && steps.size() > 1);
    m_step->setVisible(!steps.empty());
    m_step->setSteps(std::move(steps));
}

std::optional<std::int64_t> MapPanel::leftStep() const
{
    return m_step->step();
}

std::optional<std::int64_t> MapPanel::rightStep() const
{
    return m_twice ? m_otherStep->step() : m_step->step();
}

void MapPanel::setMaps(Maps maps)
{
    m_maps = std::move(maps);
    showMaps();
    setCursorCell(m_cell);
}

void MapPanel::showMaps()
{
    const bool two = !m_maps.rightName.isEmpty();
    const bool both = m_maps.left && m_maps.right;
    m_difference->setEnabled(two);
    m_sides[Right].frame->setVisible(two);
    m_sides[Difference].frame->setVisible(two && m_difference->isChecked());
    showMap(Left, m_maps.left, m_maps.whyNone);
    showMap(Right, m_maps.right, tr("%1 has no such map of this sample.").arg(m_maps.rightName));
    m_delta = both ? difference(*m_maps.left, *m_maps.right) : std::nullopt;
    showMap(Difference, m_delta,
            both ? tr("The two maps are of different tokens, so there is no difference to show.")
                 : tr("There is a difference where there are two maps."));
    colourMaps();
}

void MapPanel::showMap(Place place, const std::optional<store::HeatMapRow>& map, const QString& whyEmpty)
{
    const Side& side = m_sides[place];
    side.title->setText(titleOf(place, map));
    side.title->setToolTip(map ? cutNote(*map) : QString());
    if (!map) {
        side.view->clear(whyEmpty);
        return;
    }
    side.view->setAxisTitles(axisTitle(*map, /*ofRows=*/true), axisTitle(*map, /*ofRows=*/false));
    side.view->setMap(toHeatMap(*map), place == Difference ? viz::Scale::Diverging : viz::Scale::Sequential);
    side.view->setOutlines(m_chunks->isChecked() ? outlinesOf(*map) : std::vector<QRect>{});
}

QString MapPanel::titleOf(Place place, const std::optional<store::HeatMapRow>& map) const
{
    if (place == Difference) {
        if (!map) {
            return tr("difference");
        }
        const bool sameStep = m_maps.left->step == m_maps.right->step;
        return (m_maps.sameRun ? tr("difference")
                               : tr("difference: %1 \u2212 %2").arg(m_maps.leftName, m_maps.rightName)) +
               (sameStep ? QString() : tr(" (steps %1 and %2)").arg(m_maps.left->step).arg(m_maps.right->step));
    }
    const QString name = place == Left ? m_maps.leftName : m_maps.rightName;
    if (!map) {
        return name;
    }
    const auto wanted = place == Left ? leftStep() : rightStep();
    const QString step = map->step == wanted ? tr("step %1").arg(map->step) : tr("nearest %1").arg(map->step);
    QString title = name + QStringLiteral(" \u00b7 ") + step;
    if (const QString cut = cutNote(*map); !cut.isEmpty()) {
        title += QStringLiteral(" \u00b7 ") + cut;
    }
    const auto chunks = chunksOf(*map, m_maps.rows);
    const auto inside =
        chunks ? align::attentionInsideChunks(map->values, chunks->rows, chunks->columns).mean() : std::nullopt;
    if (inside) {
        title += tr(" \u00b7 %1 inside the chunks").arg(percent(*inside));
    }
    return title;
}

std::vector<QRect> MapPanel::outlinesOf(const store::HeatMapRow& map) const
{
    std::vector<QRect> outlines;
    const auto chunks = chunksOf(map, m_maps.rows);
    if (!chunks) {
        return outlines;
    }
    for (const align::ChunkBox& box : align::chunkBoxes(chunks->rows, chunks->columns)) {
        outlines.emplace_back(box.columnBegin, box.rowBegin, box.columnEnd - box.columnBegin,
                              box.rowEnd - box.rowBegin);
    }
    return outlines;
}

// Maps side by side share their colours, or they could not be compared by eye.
void MapPanel::colourMaps()
{
    std::optional<std::pair<float, float>> range;
    if (m_unit->isChecked()) {
        range = std::pair(0.0F, 1.0F);
    } else if (m_maps.left && m_maps.right) {
        for (const std::optional<store::HeatMapRow>* map : {&m_maps.left, &m_maps.right}) {
            for (const float value : (*map)->values) {
                if (std::isfinite(value)) {
                    range = range ? std::pair(std::min(range->first, value), std::max(range->second, value))
                                  : std::pair(value, value);
                }
            }
        }
        if (range && !(range->first < range->second)) {
            range.reset();
        }
    }
    m_sides[Left].view->setColourRange(range);
    m_sides[Right].view->setColourRange(range);
}

void MapPanel::setCursorCell(std::optional<QPoint> cell)
{
    m_cell = cell;
    for (const Side& side : m_sides) {
        side.view->setCursorCell(cell);
    }
    showReadout();
}

void MapPanel::showReadout()
{
    QString text = m_maps.left ? readout(*m_maps.left, m_maps.right, m_cell) : QString();
    const auto chunks = m_maps.left && m_cell ? chunksOf(*m_maps.left, m_maps.rows) : std::nullopt;
    if (chunks && m_cell->y() >= 0 && m_cell->y() < static_cast<int>(chunks->rows.size())) {
        const auto inside = align::attentionInsideChunks(m_maps.left->values, chunks->rows, chunks->columns);
        if (const auto& share = inside.rows[static_cast<std::size_t>(m_cell->y())]) {
            text += tr("; %1 of this row is inside its chunk").arg(percent(*share));
        }
    }
    m_readout->setText(text);
}

void MapPanel::exportPicture(const viz::HeatMapView& view, const QString& title)
{
    const viz::HeatMapView::Picture picture = view.picture();
    if (!picture) {
        m_readout->setText(tr("There is no map to export."));
        return;
    }
    constexpr int kFontUnits = 12; // 9 pt
    QFont font = QApplication::font();
    font.setPixelSize(kFontUnits);
    QPalette ink;
    ink.setColor(QPalette::WindowText, paperPalette().text);
    ink.setColor(QPalette::PlaceholderText, paperPalette().muted);
    ExportSubject subject;
    subject.title = title;
    subject.heightPerWidth = 0.9;
    subject.paint = [picture, title, font, ink](QPainter& painter, const QRectF& target) {
        painter.fillRect(target, paperPalette().raised);
        const QFontMetricsF metrics(font);
        const double line = metrics.height() + kSpace2;
        painter.setFont(font);
        painter.setPen(ink.color(QPalette::WindowText));
        painter.drawText(QRectF(target.left() + kSpace2, target.top(), target.width() - 2 * kSpace2, line),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(title, Qt::ElideRight, target.width() - 2 * kSpace2));
        picture(painter, target.adjusted(0.0, line, 0.0, 0.0), ink, font);
    };
    subject.said = [readout = QPointer<MutedLabel>(m_readout)](const QString& sentence) {
        if (readout) {
            readout->setText(sentence);
        }
    };
    auto* dialog = new PictureExportDialog(std::move(subject), m_background, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace dskd::ui
