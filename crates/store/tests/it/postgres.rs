//! What only the store in a PostgreSQL database promises, and the suite that all pass.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use store::{Error, Key, PostgresStore, Scan, Store};

use crate::cluster::Cluster;
use crate::conformance::{Note, SUITE, note};

fn texts(store: &dyn Store) -> Vec<String> {
    let all = Scan::under(&Key::default());
    let found = store.read(|tx| tx.scan::<Note>(&all)).unwrap();
    found.into_iter().map(|entry| entry.value.0).collect()
}

fn put(store: &dyn Store, name: &str, text: &str) -> Result<(), Error> {
    store.write(|tx| tx.put(&Key::new([name]), &note(text)))
}

/// One cluster for all: making it costs more than all tests on it.
#[test]
fn it_conforms() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let mut failed = Vec::new();
    for (index, (name, test)) in SUITE.iter().enumerate() {
        let store = cluster.store(&format!("suite_{index}"));
        if catch_unwind(AssertUnwindSafe(|| test(&store))).is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
    for test in [
        a_change_of_one_node_is_seen_by_the_next_request_of_another,
        nodes_write_one_after_the_other,
        newer_stores_are_refused,
        nodes_that_start_together_prepare_once,
        a_failed_statement_fails_the_commit,
        readers_beyond_the_limit_wait,
        a_store_is_made_inside_a_runtime,
    ] {
        test(&cluster);
    }
}

fn a_change_of_one_node_is_seen_by_the_next_request_of_another(cluster: &Cluster) {
    let (one, other) = (cluster.store("nodes"), cluster.store("nodes"));
    for round in 0..50 {
        let text = round.to_string();
        put(&one, "a", &text).unwrap();
        assert_eq!(texts(&other), [text]);
        let (one, other): (&dyn Store, &dyn Store) = (&one, &other);
        let number = |store: &dyn Store| store.read(|tx| tx.last_change("note")).unwrap();
        assert_eq!(number(one), number(other));
    }
}

fn nodes_write_one_after_the_other(cluster: &Cluster) {
    let nodes: Vec<PostgresStore> = (0..3).map(|_| cluster.store("counter")).collect();
    put(&nodes[0], "n", "0").unwrap();
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for node in nodes.iter().chain(&nodes) {
            scope.spawn(|| {
                for _ in 0..20 {
                    let node: &dyn Store = node;
                    let added = node.write::<(), Error>(|tx| {
                        let found: Note = tx.get(&Key::new(["n"]))?.unwrap();
                        let next = found.0.parse::<u32>().unwrap() + 1;
                        tx.put(&Key::new(["n"]), &note(&next.to_string()))
                    });
                    added.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(texts(&nodes[0]), [done.into_inner().to_string()]);
}

fn newer_stores_are_refused(cluster: &Cluster) {
    drop(cluster.store("newer"));
    cluster.sql("UPDATE newer.format SET version = 2");
    let refused = PostgresStore::open(&cluster.options("newer")).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::NewerFile {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{refused}"
    );
}

fn nodes_that_start_together_prepare_once(cluster: &Cluster) {
    std::thread::scope(|scope| {
        for text in ["a", "b", "c", "d"] {
            scope.spawn(move || put(&cluster.store("together"), text, text).unwrap());
        }
    });
    assert_eq!(texts(&cluster.store("together")), ["a", "b", "c", "d"]);
}

fn a_failed_statement_fails_the_commit(cluster: &Cluster) {
    let store = cluster.store("failing");
    let mut tx = store.begin_write().unwrap();
    tx.put(&Key::new(["a"]), &note("a")).unwrap();
    // More than an entry of the index may hold, and of no pattern that could be compressed.
    let mut state = 1_u64;
    let letter = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
    };
    let long: String = (0..20_000).map(letter).collect();
    assert!(tx.put(&Key::new([long]), &note("b")).is_err());
    assert!(tx.get::<Note>(&Key::new(["a"])).is_err());
    assert!(
        tx.commit().is_err(),
        "the database would answer as if all was well"
    );
    assert_eq!(texts(&store), [""; 0]);
    put(&store, "c", "c").unwrap();
    assert_eq!(texts(&store), ["c"]);
}

fn readers_beyond_the_limit_wait(cluster: &Cluster) {
    let mut options = cluster.options("readers");
    options.connections = 2;
    let store = PostgresStore::open(&options).unwrap();
    put(&store, "a", "a").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(texts(&store), ["a"]));
        }
    });
    let connections = cluster
        .sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'palisade'")
        .parse::<usize>()
        .unwrap();
    assert!(connections <= 3, "{connections}");
}

/// Nothing blocks or panics where an asynchronous runtime drives the caller.
fn a_store_is_made_inside_a_runtime(cluster: &Cluster) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = cluster.store("inside");
        put(&store, "a", "a").unwrap();
        assert_eq!(texts(&store), ["a"]);
    });
}

#[test]
fn what_breaks_is_mended_and_nothing_acknowledged_is_lost() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let store = cluster.store("palisade");
    put(&store, "a", "a").unwrap();
    assert_eq!(texts(&store), ["a"]);

    // The operator, or a firewall, ends connections: the next transaction takes a new one.
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = 'palisade'";
    assert_ne!(cluster.sql(end), "0");
    assert_eq!(texts(&store), ["a"]);
    put(&store, "b", "b").unwrap();

    // One that is under way fails, whole.
    let mut tx = store.begin_write().unwrap();
    tx.put(&Key::new(["never"]), &note("never")).unwrap();
    cluster.sql(end);
    assert!(tx.commit().is_err());
    assert_eq!(texts(&store), ["a", "b"]);

    // So does everything while the database is away, and nothing once it is back.
    let reader = store.begin_read().unwrap();
    cluster.stop();
    assert!(reader.get::<Note>(&Key::new(["a"])).is_err());
    drop(reader);
    assert!(put(&store, "c", "c").is_err());
    assert!(store.begin_read().is_err());
    cluster.resume();
    assert_eq!(texts(&store), ["a", "b"]);
    put(&store, "d", "d").unwrap();
    assert_eq!(texts(&store), ["a", "b", "d"]);
}

#[test]
fn a_database_that_cannot_be_reached_is_named() {
    let options = store::PostgresOptions::new("postgres://u@localhost/p?host=/nonexistent");
    let refused = PostgresStore::open(&options).unwrap_err().to_string();
    assert!(
        refused.starts_with("connecting to `postgres://localhost:5432,/nonexistent:5432/p` failed"),
        "{refused}"
    );
}
