with companies as (

    select * from {{ ref('stg_core__company') }}

),

final as (

    select
        company_id,
        company_code,
        company_name,
        currency,
        true as keeps_books,
        'hub' as source_system,
        source_key,
        recorded_at
    from companies

)

select * from final
