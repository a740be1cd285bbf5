with company_months as (

    select * from {{ ref('dim_company_month') }}

),

margin_lines as (

    select * from {{ ref('fct_margin_line') }}

),

sales_orders as (

    select * from {{ ref('fct_sales_order') }}

),

journal_lines as (

    select * from {{ ref('fct_journal_line') }}

),

accounts as (

    select * from {{ ref('dim_ledger_account') }}

),

headcounts as (

    select * from {{ ref('fct_headcount_monthly') }}

),

margins as (

    select
        company_id,
        cast({{ dbt.date_trunc('month', 'business_date') }} as date) as month_start,
        sum(revenue) as revenue,
        -- One line of unknown cost makes the month's cost unknown: a sum of the others would look like a good margin.
        case when count(*) = count(cost_of_goods_sold) then sum(cost_of_goods_sold) end as cost_of_goods_sold,
        max(recorded_at) as recorded_at
    from margin_lines
    group by company_id, cast({{ dbt.date_trunc('month', 'business_date') }} as date)

),

orders as (

    select
        sales_orders.company_id,
        company_months.month_start,
        count(*) as sales_order_count,
        -- Orders in other currencies than the company's have no amount in its currency before they are invoiced.
        case
            when count(*) = count(case when sales_orders.currency = company_months.currency then 1 end)
                then sum(sales_orders.total_amount)
        end as sales_order_amount,
        max(sales_orders.recorded_at) as recorded_at
    from sales_orders
    inner join company_months
        on
            sales_orders.company_id = company_months.company_id
            and sales_orders.business_date between company_months.month_start and company_months.month_end
    where sales_orders.is_confirmed
    group by sales_orders.company_id, company_months.month_start

),

money_changes as (

    select
        journal_lines.company_id,
        cast({{ dbt.date_trunc('month', 'journal_lines.business_date') }} as date) as month_start,
        sum(case
            when accounts.is_cash then journal_lines.company_debit - journal_lines.company_credit else 0
        end) as cash_change,
        sum(case
            when accounts.is_receivable then journal_lines.company_debit - journal_lines.company_credit else 0
        end) as receivables_change,
        max(journal_lines.recorded_at) as recorded_at
    from journal_lines
    inner join accounts on journal_lines.ledger_account_id = accounts.ledger_account_id
    group by journal_lines.company_id, cast({{ dbt.date_trunc('month', 'journal_lines.business_date') }} as date)

),

known_accounts as (

    select
        company_id,
        max(case when is_cash then 1 else 0 end) = 1 as has_cash,
        max(case when is_receivable then 1 else 0 end) = 1 as has_receivables
    from accounts
    group by company_id

),

heads as (

    select
        company_id,
        month_start,
        sum(headcount) as headcount
    from headcounts
    group by company_id, month_start

),

companies_with_people as (

    select distinct company_id
    from headcounts

),

-- Without books, the first and last sale that we know of bound what we know of sales. With books, every month is known.
sales_spans as (

    select
        company_id,
        min(month_start) as first_month,
        max(month_start) as last_month
    from margins
    group by company_id

),

joined as (

    select
        company_months.company_id,
        company_months.month_start,
        company_months.month_end,
        company_months.currency,
        company_months.keeps_books,
        company_months.source_system,
        company_months.source_key,
        company_months.keeps_books
        or coalesce(
            company_months.month_start between sales_spans.first_month and sales_spans.last_month, false
        ) as sales_are_known,
        coalesce(margins.revenue, 0) as revenue,
        case when margins.company_id is null then 0 else margins.cost_of_goods_sold end as cost_of_goods_sold,
        coalesce(orders.sales_order_count, 0) as sales_order_count,
        case when orders.company_id is null then 0 else orders.sales_order_amount end as sales_order_amount,
        sum(coalesce(money_changes.cash_change, 0)) over (
            partition by company_months.company_id order by company_months.month_start
        ) as cash,
        sum(coalesce(money_changes.receivables_change, 0)) over (
            partition by company_months.company_id order by company_months.month_start
        ) as receivables,
        coalesce(known_accounts.has_cash, false) as has_cash,
        coalesce(known_accounts.has_receivables, false) as has_receivables,
        case when companies_with_people.company_id is not null then coalesce(heads.headcount, 0) end as headcount,
        greatest(
            company_months.recorded_at,
            coalesce(margins.recorded_at, company_months.recorded_at),
            coalesce(orders.recorded_at, company_months.recorded_at),
            coalesce(money_changes.recorded_at, company_months.recorded_at)
        ) as recorded_at
    from company_months
    left join margins
        on company_months.company_id = margins.company_id and company_months.month_start = margins.month_start
    left join orders
        on company_months.company_id = orders.company_id and company_months.month_start = orders.month_start
    left join money_changes
        on
            company_months.company_id = money_changes.company_id
            and company_months.month_start = money_changes.month_start
    left join heads
        on company_months.company_id = heads.company_id and company_months.month_start = heads.month_start
    left join known_accounts on company_months.company_id = known_accounts.company_id
    left join sales_spans on company_months.company_id = sales_spans.company_id
    left join companies_with_people on company_months.company_id = companies_with_people.company_id

),

final as (

    select
        company_id,
        month_start,
        currency,
        case when sales_are_known then {{ line_amount('revenue') }} end as revenue,
        case when sales_are_known then {{ line_amount('cost_of_goods_sold') }} end as cost_of_goods_sold,
        case when sales_are_known then {{ line_amount('revenue - cost_of_goods_sold') }} end as margin,
        case when sales_are_known then cast(sales_order_count as bigint) end as sales_order_count,
        case when sales_are_known then {{ line_amount('sales_order_amount') }} end as sales_order_amount,
        case when keeps_books and has_cash then {{ line_amount('cash') }} end as cash,
        case when keeps_books and has_receivables then {{ line_amount('receivables') }} end as receivables,
        cast(headcount as bigint) as headcount,
        keeps_books,
        source_system,
        'company' as source_document_type,
        source_key as source_document_id,
        month_end as business_date,
        recorded_at,
        cast(null as timestamp) as source_modified_at
    from joined

)

select * from final
