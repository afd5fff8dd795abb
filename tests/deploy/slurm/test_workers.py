"""`worker.sbatch` on a real Slurm: what ends a worker, who comes back, and what is trained at last."""

import pytest

pytestmark = [pytest.mark.slurm, pytest.mark.postgresql, pytest.mark.processes]


def test_a_study_outlives_a_killed_worker_a_lost_node_and_a_preemption(cluster, search, until):
    trials = 60
    job = search.submit("--array=1-5", trials=trials)
    until(lambda: len(search.stored.in_training()) == 5, "five workers train")
    (killed,), on_lost, preempted = map(search.workers, ("n0", "n1", "n2"))
    assert len(on_lost) == len(preempted) == 2

    # A worker is killed: its trial is lost, and the same task starts another worker.
    search.workers("n0")[killed].kill()
    until(lambda: killed in search.stored.ended("lost"), "its trial is found lost")
    until(lambda: set(search.workers("n0")) - {killed}, "its task starts another worker")

    # An urgent job takes a node: the workers there drain, and their tasks are requeued.
    urgent = search.urgent("n2")
    until(lambda: search.states(urgent) == ["RUNNING"], "the urgent job has taken n2")
    assert search.stored.ended("interrupted") == set(preempted)
    assert search.states(job).count("PENDING") == 2

    # A node is lost, and stays so: its trials are too, and its tasks are requeued.
    cluster.lose("n1")
    lost = {killed, *on_lost}
    until(lambda: search.stored.ended("lost") == lost, "trials of n1 are found lost")
    until(lambda: search.states(job).count("PENDING") == 4, "its tasks are requeued too")
    assert cluster.node("n1")["State"].startswith("DOWN")

    # There is room again for two of the four.
    cluster.do("scancel", urgent)
    until(
        lambda: search.cluster.hurry(job) and len(search.workers("n2")) == 2, "two have come back"
    )
    until(lambda: len(search.stored.in_training()) == 3, "three workers train")
    search.slow.unlink()
    until(
        lambda: search.cluster.hurry(job) and set(search.states(job)) == {"COMPLETED"},
        "all is done",
    )
    restarts = [task["Restarts"] for task in cluster.tasks(job)]
    assert sorted(restarts) == ["0", "1", "1", "1", "1"]
    search.check_trained(trials)
    assert search.stored.count("FAIL") == 5  # those that the five workers had in training


def test_what_is_cancelled_does_not_come_back(search, until):
    job = search.submit("--array=1-2")
    until(lambda: len(search.stored.in_training()) == 2, "two workers train")
    workers = set(search.workers())
    search.cluster.do("scancel", job)
    until(lambda: not search.workers(), "the workers have left", 30)
    until(lambda: set(search.states(job)) == {"CANCELLED"}, "the job has ended")
    assert all("after TERM" in search.log(task) for task in (1, 2))
    assert search.stored.ended("interrupted") == workers
    assert search.stored.count("RUNNING") == 0
    assert {task["Restarts"] for task in search.cluster.tasks(job)} == {"0"}


@pytest.mark.parametrize("asked", ["by the time limit", "by hand"])
def test_a_worker_that_is_asked_to_drains_and_comes_back(search, until, asked):
    trials = 20
    job = search.submit("--time=2" if asked == "by the time limit" else "--time=10", trials=trials)
    (worker,) = until(search.stored.in_training, "a worker trains")
    if asked == "by hand":
        search.cluster.do("scancel", "--batch", "--signal=USR1", job)
    until(lambda: search.states(job) == ["PENDING"], "the job is requeued", 60)
    assert search.stored.ended("interrupted") == {worker}
    assert not search.stored.ended("lost")
    assert "after USR1" in search.log()
    search.slow.unlink()
    until(lambda: search.cluster.hurry(job) and search.states(job) == ["COMPLETED"], "it is done")
    (task,) = search.cluster.tasks(job)
    assert task["Restarts"] == "1"
    search.check_trained(trials)


@pytest.mark.parametrize(
    ("env", "study", "said"),
    [
        ({}, "none.py", "none.py"),
        ({"OPTISEARCH_STORAGE_FILE": ""}, "slope.py", "error: no database; set OPTISEARCH_STORAGE"),
    ],
)
def test_a_mistake_is_not_tried_again(search, until, env, study, said):
    job = search.submit(study=study, **env)
    until(lambda: search.states(job) == ["FAILED"], "the job fails")
    (task,) = search.cluster.tasks(job)
    assert (task["ExitCode"], task["Restarts"]) == ("2:0", "0")
    assert search.log().count("error: ") == 1
    assert said in search.log()


def test_a_worker_that_is_killed_again_and_again_gives_up(search, until):
    search.study.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    job = search.submit()
    until(lambda: search.states(job) == ["FAILED"], "the job fails")
    assert search.log().count("the worker ended with 137") == 10
    assert search.cluster.tasks(job)[0]["ExitCode"] == "137:0"


def test_it_waits_for_its_database(search, until):
    aside = search.url_file.rename(search.folder / "aside")
    search.slow.unlink()
    job = search.submit(trials=5)
    until(lambda: f"waiting for {search.url_file}" in search.log(), "it waits")
    aside.rename(search.url_file)
    until(lambda: search.states(job) == ["COMPLETED"], "the study is done")
    search.check_trained(5)


def test_it_can_be_cancelled_while_it_waits(search, until):
    search.url_file.unlink()
    job = search.submit()
    until(lambda: "waiting for" in search.log(), "it waits")
    search.cluster.do("scancel", job)
    until(lambda: search.states(job) == ["CANCELLED"], "it is gone")


def test_threads_and_password(search, until):
    search.submit("--cpus-per-task=2", "--nodelist=n1")
    until(search.stored.in_training, "a worker trains")
    (worker,) = search.workers().values()
    environment = worker.environ()
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    assert [environment[name] for name in threads] == ["2", "2", "2"]
    password = search.stored.url.split(":")[2].partition("@")[0]
    assert len(password) == 48
    said = [" ".join(process.cmdline()) for process in search.cluster.processes()]
    assert len(said) > 8
    assert not [line for line in [*said, search.log()] if password in line]
