with source as (

    select * from {{ raw('hr', 'department') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as department_id,
        {{ text('id') }} as source_key,
        {{ golden_id('hub', 'company_id') }} as company_id,
        code as department_code,
        name as department_name,
        recorded_at
    from source

)

select * from final
