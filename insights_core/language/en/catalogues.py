"""What the rows of a database's own tables are, in English.

Sources, read in November 2026: the manuals of PostgreSQL 17 ("The Cumulative Statistics System", "System Catalogs"), MySQL 8.4
(INFORMATION_SCHEMA, Performance Schema), SQL Server 2022 ("System dynamic management views"), Oracle 19c ("Database Reference"),
Snowflake (ACCOUNT_USAGE), BigQuery (INFORMATION_SCHEMA), ClickHouse ("System Tables") and SQLite ("The Schema Table").
"""

from __future__ import annotations

_ROWS = {
    # PostgreSQL
    "connections": "pg_stat_activity",
    "queries": """pg_stat_statements query_history query_log processes dm_exec_query_stats v$sql v$sqlarea v$sqlstats v$sql_monitor processlist
        events_statements_summary_by_digest events_statements_current statement_analysis query_store_query stv_recents stl_query svl_qlog sys_query_history""",
    "locks": "pg_locks dm_tran_locks v$lock data_locks innodb_locks stv_locks",
    "tables": """pg_tables pg_class pg_stat_all_tables pg_stat_user_tables pg_statio_all_tables pg_statio_user_tables tables dba_tables
        table_storage dm_db_partition_stats svv_table_info sysobjects""",
    "indexes": """pg_indexes pg_index pg_stat_all_indexes pg_stat_user_indexes pg_statio_user_indexes pg_statio_all_indexes dba_indexes
        dm_db_index_usage_stats dm_db_index_physical_stats statistics sysindexes schema_unused_indexes table_io_waits_summary_by_index_usage""",
    "databases": "pg_database pg_stat_database databases schema_database",
    "settings": "pg_settings v$parameter global_variables configurations v$system_parameter",
    "roles": "pg_roles pg_authid dba_roles",
    "users": "pg_user pg_shadow dba_users database_principals",
    "logins": "login_history server_principals syslogins sql_logins",
    "replicas": "pg_stat_replication replicas dm_hadr_database_replica_states dm_hadr_availability_replica_states",
    "replication slots": "pg_replication_slots",
    "schemas": "pg_namespace schemata schemas",
    "extensions": "pg_extension pg_available_extensions",
    "constraints": "pg_constraint table_constraints dba_constraints check_constraints",
    "key columns": "key_column_usage dba_cons_columns constraint_column_usage",
    "columns": "pg_attribute columns dba_tab_columns dba_tab_cols syscolumns",
    "column statistics": "pg_stats dba_tab_col_statistics column_statistics",
    "functions": "pg_proc routines pg_stat_user_functions functions",
    "triggers": "pg_trigger triggers dba_triggers",
    "vacuums": "pg_stat_progress_vacuum",
    "views": "pg_views views dba_views",
    "sequences": "pg_sequences dba_sequences sequences",
    "prepared transactions": "pg_prepared_xacts",
    "foreign keys": "referential_constraints foreign_keys",
    "partitions": "partitions dba_tab_partitions",
    # MySQL
    "transactions": "innodb_trx dm_tran_active_transactions dm_tran_database_transactions v$transaction",
    "lock waits": "innodb_lock_waits data_lock_waits",
    "threads": "threads",
    # SQL Server
    "requests": "dm_exec_requests",
    "sessions": "dm_exec_sessions v$session stv_sessions sessions",
    "client connections": "dm_exec_connections",
    "procedures": "dm_exec_procedure_stats procedures",
    "cached plans": "dm_exec_cached_plans",
    "waits": "dm_os_wait_stats v$session_wait v$waitstat",
    "waiting tasks": "dm_os_waiting_tasks",
    "performance counters": "dm_os_performance_counters",
    "database files": "master_files database_files dm_io_virtual_file_stats sysfiles sysaltfiles",
    "missing indexes": "dm_db_missing_index_details dm_db_missing_index_groups dm_db_missing_index_group_stats",
    "jobs": "sysjobs dba_jobs dba_scheduler_jobs jobs jobs_by_project jobs_by_organization jobs_by_user",
    "job runs": "sysjobhistory dba_scheduler_job_run_details",
    "backups": "backupset backupmediafamily v$backup_set",
    "restores": "restorehistory",
    # Oracle
    "locked objects": "v$locked_object",
    "archived logs": "v$archived_log",
    "redo logs": "v$log v$logfile",
    "redo log switches": "v$log_history",
    "system statistics": "v$sysstat",
    "system metrics": "v$sysmetric dba_hist_sysmetric_summary",
    "data files": "v$datafile dba_data_files",
    "temporary files": "v$tempfile dba_temp_files",
    "long operations": "v$session_longops",
    "wait events": "v$system_event dba_hist_system_event",
    "active sessions": "v$active_session_history dba_hist_active_sess_history",
    "RMAN jobs": "v$rman_backup_job_details v$rman_status",
    "segments": "dba_segments",
    "objects": "dba_objects objects",
    "table statistics": "dba_tab_statistics",
    "free space": "dba_free_space",
    "tablespaces": "dba_tablespaces",
    "granted roles": "dba_role_privs",
    "privileges": "dba_sys_privs user_privileges dba_tab_privs table_privileges",
    # Snowflake, BigQuery
    "warehouse credits": "warehouse_metering_history",
    "credits": "metering_history metering_daily_history",
    "data transfers": "data_transfer_history",
    "loads": "load_history copy_history",
    "task runs": "task_history",
    "accesses": "access_history",
    # ClickHouse
    "parts": "parts part_log",
    "merges": "merges",
    "mutations": "mutations",
    "disks": "disks",
    # SQLite
    "schema objects": "sqlite_master sqlite_schema",
}  # fmt: skip

CATALOGUES = {f"catalogue.{name}": noun for noun, names in _ROWS.items() for name in names.split()}
