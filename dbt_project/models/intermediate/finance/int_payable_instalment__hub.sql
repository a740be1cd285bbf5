with instalments as (

    select * from {{ ref('stg_finance__bill_instalment') }}

),

final as (

    select
        'bill' as source_document_type,
        bill_id as open_item_id,
        due_date,
        amount
    from instalments

)

select * from final
