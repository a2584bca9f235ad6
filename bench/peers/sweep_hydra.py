"""sweep_hydra.py --multirun hydra/launcher=joblib learning_rate=0.1,0.2: a job for each value. A job trains nothing."""

import hydra


@hydra.main(version_base=None, config_path=None)
def main(config):
    return config.learning_rate


if __name__ == "__main__":
    main()
