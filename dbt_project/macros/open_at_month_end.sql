{#-
    Documents that were open at the end of each month of their company, with what was open of them then: their total and all
    that settled them until that day. So what was owed at any month end can be told long after it was paid.

    What is due in instalments stands there with a row for each that was open: what settles a document pays the one due first.

    items: one row per document, signed. instalments: of documents that have some. settlements: what settled a document, with the opposite sign. party: its column.
-#}
{% macro open_at_month_end(items, instalments, settlements, party) -%}
with company_months as (

    select * from {{ ref('dim_company_month') }}

),

documents as (

    select * from {{ items }}

),

instalments as (

    select
        *,
        sum(amount) over (partition by source_document_type, open_item_id order by due_date) as due_until_then
    from {{ instalments }}

),

settlements as (

    select * from {{ settlements }}

),

settled as (

    select
        documents.source_document_type,
        documents.open_item_id,
        company_months.month_end,
        sum(settlements.amount) as amount
    from documents
    inner join settlements
        on
            documents.source_document_type = settlements.source_document_type
            and documents.open_item_id = settlements.open_item_id
    inner join company_months
        on
            documents.company_id = company_months.company_id
            and settlements.settlement_date <= company_months.month_end
    group by documents.source_document_type, documents.open_item_id, company_months.month_end

),

opened as (

    select
        documents.open_item_id,
        documents.company_id,
        documents.{{ party }},
        documents.document_number,
        documents.currency,
        documents.source_document_type,
        documents.source_document_id,
        documents.recorded_at,
        company_months.month_start,
        company_months.month_end,
        coalesce(instalments.due_date, documents.due_date) as due_date,
        {{ money(
            'case when instalments.amount is null then documents.total_amount + coalesce(settled.amount, 0) '
            'else greatest(least(instalments.amount, instalments.due_until_then + coalesce(settled.amount, 0)), 0) end'
        ) }} as open_amount
    from documents
    inner join company_months
        on
            documents.company_id = company_months.company_id
            and documents.business_date <= company_months.month_end
    left join settled
        on
            documents.source_document_type = settled.source_document_type
            and documents.open_item_id = settled.open_item_id
            and company_months.month_end = settled.month_end
    left join instalments
        on
            documents.source_document_type = instalments.source_document_type
            and documents.open_item_id = instalments.open_item_id

),

aged as (

    select
        *,
        {{ dbt.datediff('due_date', 'month_end', 'day') }} as days_overdue
    from opened
    where open_amount <> 0

),

final as (

    select
        open_item_id,
        company_id,
        {{ party }},
        document_number,
        month_start,
        due_date,
        cast(days_overdue as integer) as days_overdue,
        case
            when days_overdue <= 0 then 'not due'
            when days_overdue <= 30 then '1-30'
            when days_overdue <= 60 then '31-60'
            when days_overdue <= 90 then '61-90'
            else 'over 90'
        end as ageing_bucket,
        open_amount,
        currency,
        'hub' as source_system,
        source_document_type,
        source_document_id,
        month_end as business_date,
        recorded_at,
        cast(null as timestamp) as source_modified_at
    from aged

)

select * from final
{%- endmacro %}
