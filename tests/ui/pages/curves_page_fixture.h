#pragma once

// The page of curves on the sample runs.

#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/curves/chart_card.h"
#include "ui/pages/curves/curves_page.h"
#include "viz/curve_chart.h"

#include <QLabel>
#include <QStringList>
#include <memory>
#include <vector>

namespace dskd::ui
{

class CurvesPageTest : public PageTest
{
protected:
    void open()
    {
        m_page = std::make_unique<CurvesPage>(*m_feed, *m_series);
        m_page->resize(1200, 800);
        m_page->show();
    }

    // In the order of the page, those that are on it.
    QStringList titles() const
    {
        QStringList names;
        for (const ChartCard* card : m_page->findChildren<ChartCard*>()) {
            if (!card->isHidden()) {
                names.append(card->accessibleName());
            }
        }
        return names;
    }

    ChartCard* card(const QString& title) const
    {
        for (ChartCard* card : m_page->findChildren<ChartCard*>()) {
            if (card->accessibleName() == title && !card->isHidden()) {
                return card;
            }
        }
        return nullptr;
    }

    std::vector<viz::Curve> curves(const QString& title) const
    {
        ChartCard* found = card(title);
        return found ? found->curves().curves() : std::vector<viz::Curve>();
    }

    QString emptyText() const { return m_page->findChild<QLabel*>(QStringLiteral("emptyState"))->text(); }

    std::unique_ptr<CurvesPage> m_page;
};

} // namespace dskd::ui
