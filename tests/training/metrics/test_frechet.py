import numpy as np
import pytest
import scipy.linalg

from training.metrics.frechet import frechet_distance, gaussian, gaussian_distance


def test_the_distance_of_known_gaussians():
    """In one dimension (m1 - m2)^2 + (s1 - s2)^2; with covariances that commute, the same along each axis."""
    assert gaussian_distance(np.zeros(1), np.eye(1) * 4.0, np.ones(1) * 3.0, np.eye(1) * 25.0) == pytest.approx(9.0 + 9.0)
    axes = np.diag([1.0, 4.0, 0.0]), np.diag([9.0, 4.0, 16.0])
    assert gaussian_distance(np.zeros(3), axes[0], np.zeros(3), axes[1]) == pytest.approx(4.0 + 0.0 + 16.0)


def test_covariances_that_do_not_commute_agree_with_scipys_matrix_root():
    generator = np.random.default_rng(0)
    roots = generator.standard_normal((2, 6, 6))
    first, second = (root @ root.T for root in roots)
    cross = scipy.linalg.sqrtm(first @ second).real
    expected = np.trace(first) + np.trace(second) - 2.0 * np.trace(cross)
    assert gaussian_distance(np.zeros(6), first, np.zeros(6), second) == pytest.approx(expected, rel=1e-6)


def test_samples_of_known_gaussians_come_close_and_equal_sets_are_zero():
    generator = np.random.default_rng(1)
    first, second = generator.standard_normal((20000, 4)), 2.0 * generator.standard_normal((20000, 4)) + 1.0
    assert frechet_distance(first, second) == pytest.approx(4.0 + 4.0, rel=0.03)
    assert frechet_distance(first, first) == pytest.approx(0.0, abs=1e-9)


def test_fewer_vectors_than_dimensions_are_measured_too():
    few = np.random.default_rng(2).standard_normal((3, 128))
    assert frechet_distance(few, few + 1.0) == pytest.approx(128.0, rel=1e-6)
    assert np.array_equal(gaussian(few[:1])[1], np.zeros((128, 128)))
