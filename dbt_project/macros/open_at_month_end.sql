{#-
    Documents that were open at the end of each month of their company, with what was open of them then: their total and all
    that settled them until that day. So what was owed at any month end can be told long after it was paid.

    items: one row per document, signed. settlements: what settled a document, with the opposite sign. party: its column.
-#}
{% macro open_at_month_end(items, settlements, party) -%}
with company_months as (

    select * from {{ ref('dim_company_month') }}

),

documents as (

    select * from {{ items }}

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
        documents.*,
        company_months.month_start,
        company_months.month_end,
        {{ dbt.datediff('documents.due_date', 'company_months.month_end', 'day') }} as days_overdue,
        {{ money('documents.total_amount + coalesce(settled.amount, 0)') }} as open_amount
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
    from opened
    where open_amount <> 0

)

select * from final
{%- endmacro %}
